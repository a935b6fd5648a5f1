/*
 * Prepares the animated Emoji data set: finds the sources, draws every animation once (or reads what was drawn before)
 * and assigns the splits, by the same rule as the still emoji: what is held out there is held out here.
 */
import { join } from 'node:path';
import { type DatasetFactory, TransfuseError } from '@transfuse/core/contracts';
import { emojiCacheFiles, readEmojiCache, type StoredPictures, writeEmojiCache } from '../emoji/emoji-cache.ts';
import { emojiId } from '../emoji/emoji-caption.ts';
import { type EmojiName, readCatalogue } from '../emoji/emoji-catalogue.ts';
import { type LocatedPackage, locatePackage, namesPackage } from '../emoji/emoji-packages.ts';
import { type AssignedPicture, createSplitRule, settleSplits } from '../emoji/emoji-splits.ts';
import { uncoveredWords } from '../emoji/emoji-word-cover.ts';
import { type AnimatedEmojiConfig, type AnimatedEmojiOptions, readAnimatedEmojiConfig } from './animation-config.ts';
import { createAnimationDataset } from './animation-dataset.ts';
import { type AnimationJob, renderAnimations, throwIfAborted } from './animation-renderer.ts';
import { type AnimationSource, brokenSource, datasetPlace } from './animation-source.ts';
import { fluentPackage, openFluentAnimations } from './fluent-animations.ts';
import { lottiePackage, openLottieRenderer } from './lottie-renderer.ts';
import { openNotoAnimations } from './noto-animations.ts';

/** How {@link createAnimatedEmojiFactory} works. */
export interface AnimatedEmojiFactoryOptions {
  /** Settings that hold where {@link DatasetFactory.prepare} is given none. */
  readonly settings?: AnimatedEmojiOptions;
  /**
   * Where to look for packages: files, or folders ending in a slash, in order. Default: this package, then the folder the
   * program was started in.
   */
  readonly resolveFrom?: readonly string[];
}

/** Raised when what is stored, or how it is made, changes. */
const animationCacheVersion = 1;

/**
 * Creates the factory of the data set `animated-emoji`: short clips of emoji that move, captioned with their names.
 *
 * `prepare` takes {@link AnimatedEmojiOptions} and throws TransfuseError `config.invalid` for wrong ones,
 * `dataset.unavailable` if a package or file is missing or the cache folder cannot be written to, `dataset.aborted` if
 * its signal says so. The first time takes about a minute for each package, a cached one is read at once.
 *
 * @example
 * ```ts
 * import { createAnimatedEmojiFactory } from '@transfuse/plugins/data/animated-emoji';
 * const factory = createAnimatedEmojiFactory({ settings: { size: 32, frames: 8 } });
 * console.assert(factory.name === 'animated-emoji');
 * ```
 */
export function createAnimatedEmojiFactory(options: AnimatedEmojiFactoryOptions = {}): DatasetFactory {
  const resolveFrom = options.resolveFrom ?? [import.meta.url, `${process.cwd()}/`];
  return {
    name: 'animated-emoji',
    async prepare(settings, context) {
      const config = readAnimatedEmojiConfig({ ...options.settings, ...settings });
      throwIfAborted(context.signal);
      const names = await installed(namesPackage, resolveFrom);
      const renderer = await installed('sharp', [import.meta.url, ...resolveFrom]);
      const sources = await openSources(config, resolveFrom);
      const versions = [names, renderer].map(({ name, version }) => `${name}@${version}`);
      versions.push(...sources.map(({ version }) => version));
      const { size, frames } = config;
      const { index } = emojiCacheFiles('', { animationCacheVersion, size, frames, versions });
      const name = join(context.cacheFolder, `animated-${index.replace(/\.json$/, '')}`);
      const files = { index: `${name}.json`, pixels: `${name}.bin` };
      let stored = await readEmojiCache(files);
      if (stored === undefined) {
        stored = await drawClips(config, { names, sources }, context);
        throwIfAborted(context.signal);
        await writeEmojiCache(files, stored);
      }
      return createAnimationDataset(stored, config);
    },
  };
}

async function openSources(
  { sources, fluentParts, noto }: AnimatedEmojiConfig,
  resolveFrom: readonly string[],
): Promise<readonly AnimationSource[]> {
  const opened: AnimationSource[] = [];
  if (sources.includes('fluent')) {
    const packages = await Promise.all(fluentParts.map((part) => installed(fluentPackage(part), resolveFrom)));
    opened.push(await openFluentAnimations(packages));
  }
  if (sources.includes('noto')) {
    const player = await openLottieRenderer(await installed(lottiePackage, resolveFrom));
    opened.push(await openNotoAnimations(noto!, player));
  }
  return opened;
}

async function drawClips(
  { size, frames }: AnimatedEmojiConfig,
  { names, sources }: { readonly names: LocatedPackage; readonly sources: readonly AnimationSource[] },
  { signal, progress }: Parameters<DatasetFactory['prepare']>[1],
): Promise<StoredPictures> {
  const catalogue = await readCatalogue(names, 'full');
  const splitOf = createSplitRule(catalogue);
  const clips: (AnimationJob & { readonly picture: AssignedPicture })[] = [];
  for (const source of sources) {
    for (const name of catalogue) {
      throwIfAborted(signal);
      const draw = await source.find(name.code);
      if (draw !== undefined) clips.push({ draw, ...assigned(name, source, splitOf) });
    }
  }
  if (clips.length === 0) {
    throw brokenSource('sources', {
      found: 'no animation of an emoji that has a name',
      expected: 'at least one',
      mend: 'Get the files of the sources again.',
    });
  }
  const pixels = await renderAnimations(clips, { size, frames, signal, progress });
  return { size, pictures: settled(clips.map(({ picture }) => picture)), pixels };
}

function assigned(name: EmojiName, { style }: AnimationSource, splitOf: ReturnType<typeof createSplitRule>) {
  const picture: AssignedPicture = { style, label: name.label, split: splitOf(name, style) };
  return { name: emojiId(picture), picture };
}

/** Held-out clips whose names have a word that no training caption has are novel ones, whatever else they would be. */
function settled(pictures: readonly AssignedPicture[]): readonly AssignedPicture[] {
  const first = settleSplits(pictures);
  const missing = uncoveredWords(first);
  return first.map((picture) => {
    const words = missing.get(picture.split) ?? [];
    return words.some((word) => picture.label.toLowerCase().includes(word)) ? { ...picture, split: 'novel' } : picture;
  });
}

async function installed(name: string, from: readonly string[]): Promise<LocatedPackage> {
  try {
    return await locatePackage(name, from);
  } catch (cause) {
    if (!(cause instanceof TransfuseError)) throw cause;
    const { code, found, expected, mend } = cause;
    throw new TransfuseError({ code, place: datasetPlace, found, expected, mend, cause });
  }
}
