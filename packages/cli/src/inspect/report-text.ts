// A checkpoint's report as people read it: short sections of aligned lines.
import type { GuidanceConfig } from '@transfuse/core';
import { alignColumns } from '../text/columns.ts';
import { formatBytes } from '../text/byte-size.ts';
import type { AdapterReport, CheckpointReport, LatentShapeReport } from './checkpoint-report.ts';

const grouped = new Intl.NumberFormat('en-US');

/** The report in lines. */
export function describeCheckpoint(report: CheckpointReport): readonly string[] {
  const { model, parameters, adapters, vocabulary, positions, objective, sampling, training, files, memory } = report;
  const keyValueHeads = model.keyValueHeads === model.heads ? '' : ` (${model.keyValueHeads} of keys and values)`;
  return [
    report.checkpoint,
    ...section('Model', [
      ['width', String(model.width)],
      ['depth', String(model.depth)],
      ['heads', `${model.heads}${keyValueHeads}`],
      ['feed-forward', String(model.feedForwardWidth)],
      ['sequence length', grouped.format(model.sequenceLength)],
      ['positions', positions.kind === 'axial' ? `axial, up to ${positions.axes} axes` : 'by place in the sequence'],
      ['vocabulary', vocabularyText(vocabulary)],
    ]),
    ...section('Parameters', [
      ...parameters.parts.map(({ part, parameters: count }) => [part, grouped.format(count)]),
      ['total', grouped.format(parameters.total)],
    ]),
    ...section('Adapters', adapters.map(describeAdapter)),
    ...adapters.flatMap(describeShapes),
    ...section('Objective and sampling', [
      ['schedule', named(objective.schedule)],
      ['prediction', `${objective.prediction}, loss in ${objective.lossSpace} space`],
      ['diffusion weight', String(objective.diffusionWeight)],
      ['sampler', `${named(sampling.sampler)}, ${sampling.steps} steps, guidance ${guidanceText(sampling.guidance)}`],
    ]),
    ...section('Training', [
      [
        'step',
        training === null
          ? 'unknown: a checkpoint for generation only'
          : `${grouped.format(training.step)} of ${grouped.format(training.steps)}`,
      ],
      ...(training === null ? [] : [['documents read', grouped.format(training.documents)]]),
    ]),
    ...section(
      'Files',
      files.map(({ name, bytes }) => [name, formatBytes(bytes)]),
    ),
    ...section('Memory for generation, about', sizes(memory.inference)),
    ...section('Memory for training, about', sizes(memory.training)),
  ];
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  return ['', title, ...alignColumns(rows.map(([name = '', ...rest]) => [`  ${name}`, ...rest]))];
}

function vocabularyText({ size, special, sizes }: CheckpointReport['vocabulary']): string {
  const told = sizes === 0 ? '' : `, ${grouped.format(sizes)} of those sizes of blocks`;
  return `${grouped.format(size)} tokens, ${grouped.format(special)} of them special${told}`;
}

function describeAdapter(report: AdapterReport): string[] {
  const { modality, adapter, settings, vocabularySize, latentShape, tokens, shapes = [] } = report;
  const latents = shapes.length > 1 ? `${shapes.length} shapes` : `latents [${latentShape?.join(', ')}]`;
  const made =
    vocabularySize === undefined
      ? `${latents}, ${shapes.length > 1 ? tokenRange(shapes) : `${tokens} tokens`} each`
      : `${grouped.format(vocabularySize)} tokens`;
  const given = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [modality, adapter, [made, ...given].join(', ')];
}

const shownShapes = 12;

/** Every shape of an adapter that has several, and whether the model writes which. */
function describeShapes({ modality, latentShape, shapes = [], shapeTokens = 0 }: AdapterReport): readonly string[] {
  if (shapes.length < 2) return [];
  const rows = shapes.slice(0, shownShapes).map((shape) => {
    const usual = shape.latentShape.join() === latentShape?.join() ? ', where nothing else decides' : '';
    const arranged = shape.grid.length > 1 ? ` (${shape.grid.join(' x ')})` : '';
    return [`[${shape.latentShape.join(', ')}]`, `${grouped.format(shape.tokens)} tokens${arranged}${usual}`];
  });
  const more = shapes.length - shownShapes;
  if (more > 0) rows.push([`and ${more} more`, tokenRange(shapes.slice(shownShapes))]);
  const told = `told by ${shapeTokens} ${shapeTokens === 1 ? 'token' : 'tokens'} before the block, which the model writes`;
  return section(`Shapes of ${modality}, ${shapeTokens > 0 ? told : 'decided by whoever asks'}`, rows);
}

function tokenRange(shapes: readonly LatentShapeReport[]): string {
  const counts = shapes.map(({ tokens }) => tokens);
  const [least, most] = [Math.min(...counts), Math.max(...counts)].map((count) => grouped.format(count));
  return least === most ? `${least} tokens` : `${least} to ${most} tokens`;
}

function named({ name, ...settings }: { readonly name: string; readonly [setting: string]: unknown }): string {
  return [name, ...Object.entries(settings).map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(', ');
}

function sizes(parts: Readonly<Record<string, number>>): readonly (readonly string[])[] {
  return Object.entries(parts).map(([name, bytes]) => [name, formatBytes(bytes)]);
}

function guidanceText(guidance: GuidanceConfig): string {
  if (typeof guidance === 'number') return String(guidance);
  return [guidance].flat().map(named).join(', ');
}
