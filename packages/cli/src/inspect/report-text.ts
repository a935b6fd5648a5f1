// A checkpoint's report as people read it: short sections of aligned lines.
import type { GuidanceConfig } from '@transfuse/core';
import { alignColumns } from '../text/columns.ts';
import { formatBytes } from '../text/byte-size.ts';
import type { AdapterReport, CheckpointReport } from './checkpoint-report.ts';

const grouped = new Intl.NumberFormat('en-US');

/** The report in lines. */
export function describeCheckpoint(report: CheckpointReport): readonly string[] {
  const { model, parameters, adapters, vocabulary, objective, sampling, training, files, memory } = report;
  const keyValueHeads = model.keyValueHeads === model.heads ? '' : ` (${model.keyValueHeads} of keys and values)`;
  return [
    report.checkpoint,
    ...section('Model', [
      ['width', String(model.width)],
      ['depth', String(model.depth)],
      ['heads', `${model.heads}${keyValueHeads}`],
      ['feed-forward', String(model.feedForwardWidth)],
      ['sequence length', grouped.format(model.sequenceLength)],
      ['vocabulary', `${grouped.format(vocabulary.size)} tokens, ${vocabulary.special} of them special`],
    ]),
    ...section('Parameters', [
      ...parameters.parts.map(({ part, parameters: count }) => [part, grouped.format(count)]),
      ['total', grouped.format(parameters.total)],
    ]),
    ...section('Adapters', adapters.map(describeAdapter)),
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

function describeAdapter({
  modality,
  adapter,
  settings,
  vocabularySize,
  latentShape,
  tokens,
}: AdapterReport): string[] {
  const made =
    vocabularySize === undefined
      ? `latents [${latentShape?.join(', ')}], ${tokens} tokens each`
      : `${grouped.format(vocabularySize)} tokens`;
  const given = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [modality, adapter, [made, ...given].join(', ')];
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
