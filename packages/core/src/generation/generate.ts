/**
 * The decode loop (Zhou et al. 2024, section 3, "Inference"): in text mode one token after another; a begin-of-block
 * token switches to diffusion mode, which denoises a block of noise against the sequence so far. The finished block is
 * read once more, clean, so that what follows sees the clean value; its end token is appended, and text mode goes on.
 */
import type { IncrementalDecoder } from '../contracts/modality-adapter.ts';
import { TransfuseError } from '../errors/index.ts';
import { createRandom } from '../random/seeded-random.ts';
import { createSegmentEncoder } from '../sequence/segment-encoder.ts';
import { gridSize } from '../sequence/block-kind.ts';
import { blockHeader, layOutDocument, slot } from '../sequence/document-layout.ts';
import { denoiseBlock } from './denoise-block.ts';
import { checkedWeak, denoisingTask, textIds, type WantedBeginning, wantedBeginning } from './generation-task.ts';
import type { EndReason, GenerationEvent } from './generation-event.ts';
import { type DiffusionSettings, type GenerateOptions, resolveGenerateOptions } from './generation-options.ts';
import type { ModelRunner } from './model-runner.ts';
import { createNoiseSource } from './noise-source.ts';
import { parsePrompt, type PromptItem, type Want } from './prompt.ts';
import { readPrompt } from './sequence-reader.ts';
import { watchStopStrings } from './stop-strings.ts';
import { chooseToken } from './token-choice.ts';
import { type BlockShapeChoice, shapesWithRoom, writeShape } from './told-shape.ts';

/** Generates from a prompt. Yields {@link GenerationEvent}s; the same seed and options give the same events. */
export async function* generate(
  runner: ModelRunner,
  diffusion: DiffusionSettings,
  prompt: string | readonly PromptItem[],
  options: GenerateOptions = {},
): AsyncGenerator<GenerationEvent> {
  const { model } = runner;
  const { vocabulary } = model;
  const settings = resolveGenerateOptions(options, diffusion);
  const { segments, wants } = parsePrompt(prompt, model);
  const encode = createSegmentEncoder(model);
  const encoded = await Promise.all(segments.map(encode));
  const layout = layOutDocument(encoded, vocabulary, { end: 'open' });
  checkLength(layout.length, model.transformer.sequenceLength);
  const reader = await readPrompt(runner, layout, {
    cache: settings.cache,
    ...(settings.negative !== undefined && { negative: textIds(model, settings.negative) }),
    ...(settings.weak && { weak: checkedWeak(settings.weak, runner) }),
  });
  const tokenRandom = createRandom(`${settings.seed}/tokens`);
  const seen = new Set(layout.ids.filter((id) => id !== slot));
  const begins = new Map(Object.entries(vocabulary.blocks).map(([modality, { begin }]) => [begin, modality]));
  let [tokens, blocks] = [0, 0];

  const checkAbort = () => {
    if (settings.signal?.aborted) throw aborted(settings.signal.reason);
  };
  const roomFor = (positions: number) => reader.length + positions <= model.transformer.sequenceLength;

  /** Writes what stands before a block and decides its shape; undefined where none has room. */
  async function beginBlock(
    modality: string,
    { latentShape: wanted, resumedShape: resumed }: WantedBeginning,
  ): Promise<BlockShapeChoice | undefined> {
    const adapter = model.continuous[modality]!;
    const { begin, shape } = vocabulary.blocks[modality]!;
    const header = (grid: readonly number[]) => blockHeader(vocabulary, modality, grid);
    const room = model.transformer.sequenceLength - reader.length;
    const possible = shapesWithRoom(adapter, room, (grid) => header(grid).length);
    if (shape === 'told' && wanted === undefined) {
      // A stopped block's shape is written once more, so that what is drawn after it is what it would have been.
      const candidates = possible.filter(
        ({ latentShape }) => resumed === undefined || latentShape.join() === resumed.join(),
      );
      if (candidates.length === 0) return undefined;
      await reader.appendToken(begin);
      return writeShape(reader, vocabulary, candidates, (logits, allowed) => {
        return chooseToken(logits, settings, tokenRandom, { seen: new Set(), allowed }).id;
      });
    }
    const decided = (wanted ?? resumed ?? adapter.defaultLatentShape).join();
    const choice = possible.find(({ latentShape }) => latentShape.join() === decided);
    for (const id of choice === undefined ? [] : header(choice.grid)) await reader.appendToken(id);
    return choice;
  }

  /** Makes a block; returns false, and does nothing, where there is no room for it. */
  async function* makeBlock(want: Want): AsyncGenerator<GenerationEvent, boolean> {
    const modality = want.want;
    const adapter = model.continuous[modality]!;
    const { end } = vocabulary.blocks[modality]!;
    const beginning = await wantedBeginning(want, adapter, settings);
    const choice = await beginBlock(modality, beginning);
    if (choice === undefined) return false;
    const { latentShape: shape, grid } = choice;
    if (adapter.latentShapes !== undefined) yield { type: 'shape', modality, latentShape: shape };
    const { from } = beginning;
    const task = denoisingTask(want, { latentShape: shape, tokens: gridSize(grid), from }, settings, blocks);
    const denoiser = reader.startBlock(modality, shape);
    const { steps, sampler, guiders, stepCache } = settings;
    const run = { ...diffusion, steps, sampler, guiders, stepCache };
    const noise = createNoiseSource(settings.noise, settings.seed, blocks);
    let latent = task.resume?.sampler.latent ?? new Float32Array(0);
    for await (const progress of denoiseBlock(denoiser, run, task, noise)) {
      checkAbort();
      const { step, of, estimate, source, state } = progress;
      latent = progress.latent;
      const preview = () => adapter.decode({ data: estimate, shape });
      yield { type: 'step', modality, step, of, source, preview, state };
    }
    await reader.appendBlock(modality, { data: latent, shape });
    await reader.appendToken(end);
    blocks++;
    yield { type: 'segment', modality, value: await adapter.decode({ data: latent, shape }) };
    return true;
  }

  /** Writes tokens of discrete modalities until something else comes; returns what came. */
  async function* writeText(modality: string): AsyncGenerator<GenerationEvent, EndReason | { readonly block: string }> {
    const adapter = model.discrete[modality]!;
    const { offset, size } = vocabulary.discrete[modality]!;
    const decoder = adapter.createIncrementalDecoder() as IncrementalDecoder<string>;
    const watcher = watchStopStrings(settings.stop);
    let written = '';
    const show = function* (delta: string): Generator<GenerationEvent> {
      written += delta;
      if (delta !== '') yield { type: 'text', delta };
    };
    const finish = function* (rest: string): Generator<GenerationEvent> {
      yield* show(rest);
      if (written !== '') yield { type: 'segment', modality, value: written };
    };
    let begun = false;
    // A block's begin ends a wanted text, as it would end it in training data; it cannot come instead of one.
    const allowed = (id: number) =>
      (id >= offset && id < offset + size) ||
      id === vocabulary.endDocument ||
      (begins.has(id) && (wants.length === 0 || begun));
    for (;;) {
      checkAbort();
      const choice = chooseToken(reader.logits, settings, tokenRandom, { seen, allowed });
      const block = begins.get(choice.id);
      const ends = choice.id === vocabulary.endDocument;
      const full: EndReason | undefined =
        tokens >= settings.maximumTokens ? 'maximum-tokens' : roomFor(1) ? undefined : 'sequence-length';
      if (ends || block !== undefined || full !== undefined) {
        const last = watcher.push(decoder.flush());
        yield* finish(last.show + watcher.flush());
        if (ends) return 'end-of-document';
        return block === undefined ? full! : { block };
      }
      tokens++;
      begun = true;
      seen.add(choice.id);
      yield { type: 'token', modality, ...choice, id: choice.id - offset };
      const { show: visible, stopped } = watcher.push(decoder.push(choice.id - offset));
      yield* show(visible);
      if (stopped) {
        yield* finish('');
        return 'stop-string';
      }
      await reader.appendToken(choice.id);
    }
  }

  let reason: EndReason = 'fulfilled';
  if (wants.length > 0) {
    for (const want of wants) {
      const modality = want.want;
      if (modality in model.continuous) {
        if (yield* makeBlock(want)) continue;
        reason = 'sequence-length';
        break;
      } else {
        const result = yield* writeText(modality);
        if (result === 'maximum-tokens' || result === 'sequence-length' || result === 'stop-string')
          reason = result as EndReason;
        if (result === 'stop-string') break;
      }
    }
  } else {
    const [discrete] = Object.keys(model.discrete);
    if (discrete === undefined) throw nothingToWrite();
    for (;;) {
      const result = yield* writeText(discrete);
      if (typeof result === 'string') {
        reason = result;
        break;
      }
      if (blocks < settings.maximumBlocks && (yield* makeBlock({ want: result.block }))) continue;
      reason = blocks >= settings.maximumBlocks ? 'maximum-blocks' : 'sequence-length';
      break;
    }
  }
  yield { type: 'end', reason, tokens, blocks };
}

function checkLength(length: number, sequenceLength: number): void {
  if (length < sequenceLength) return;
  throw new TransfuseError({
    code: 'sequence.too-long',
    place: 'prompt',
    found: `${length} positions`,
    expected: `fewer than the model's ${sequenceLength}`,
    mend: 'Shorten the prompt.',
  });
}

function nothingToWrite(): TransfuseError {
  return new TransfuseError({
    code: 'generation.invalid-option',
    place: 'prompt',
    found: 'nothing wanted of a model without a discrete modality',
    expected: 'at least one { want: … }',
    mend: 'Say what to generate, for example { want: "image" }.',
  });
}

function aborted(cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'generation.aborted',
    place: 'generation',
    found: 'an AbortSignal that fired',
    expected: 'the generation to run to its end',
    mend: 'Nothing to mend: it was stopped on request.',
    cause,
  });
}
