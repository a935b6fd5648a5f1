/*
 * Prepares the Emoji data set: finds the packages, draws every picture once (or reads what was drawn before), leaves out
 * twins and invisible pictures, assigns the splits and checks what they promise.
 */
import type { DatasetFactory } from '@transfuse/core/contracts';
import { emojiCacheFiles, readEmojiCache, type StoredPictures, writeEmojiCache } from './emoji-cache.ts';
import { type EmojiName, readCatalogue } from './emoji-catalogue.ts';
import { type EmojiConfig, type EmojiOptions, readEmojiConfig } from './emoji-config.ts';
import { createEmojiDataset } from './emoji-dataset.ts';
import { openDrawings } from './emoji-drawings.ts';
import { type LocatedPackage, locatePackage, namesPackage, stylePackages } from './emoji-packages.ts';
import { type EmojiRenderJob, renderEmoji, throwIfAborted } from './emoji-renderer.ts';
import { selectPictures } from './emoji-selection.ts';
import { createSplitRule, settleSplits } from './emoji-splits.ts';
import { assertWordsCovered } from './emoji-word-cover.ts';

/** How {@link createEmojiFactory} works. */
export interface EmojiFactoryOptions {
  /** Settings that hold where {@link DatasetFactory.prepare} is given none. */
  readonly settings?: EmojiOptions;
  /**
   * Where to look for the emoji packages: files, or folders ending in a slash, in order. Default: this package, then
   * the folder the program was started in.
   */
  readonly resolveFrom?: readonly string[];
}

/**
 * Creates the factory of the data set `emoji`: four drawings of the same Unicode emoji, captioned with their names.
 *
 * `prepare` takes {@link EmojiOptions} and throws TransfuseError `config.invalid` for wrong ones, `dataset.unavailable`
 * if a package is not installed or the cache folder cannot be written to, `dataset.aborted` if its signal says so.
 *
 * @example
 * ```ts
 * import { createEmojiFactory } from '@transfuse/plugins/data/emoji';
 * const dataset = await createEmojiFactory().prepare({ size: 16, styles: ['noto'] }, { cacheFolder: '.cache' });
 * console.assert(dataset.train.length > 100);
 * ```
 */
export function createEmojiFactory(options: EmojiFactoryOptions = {}): DatasetFactory {
  const resolveFrom = options.resolveFrom ?? [import.meta.url, `${process.cwd()}/`];
  return {
    name: 'emoji',
    async prepare(settings, context) {
      const config = readEmojiConfig({ ...options.settings, ...settings });
      throwIfAborted(context.signal);
      const names = await locatePackage(namesPackage, resolveFrom);
      const styles = await Promise.all(config.styles.map((style) => locatePackage(stylePackages[style], resolveFrom)));
      const renderer = await locatePackage('sharp', [import.meta.url, ...resolveFrom]);
      const versions = [names, ...styles, renderer].map(({ name, version }) => `${name}@${version}`);
      const { captions, ...deciding } = config; // captions are written on the fly, the cache holds pictures
      const files = emojiCacheFiles(context.cacheFolder, { ...deciding, versions });
      let stored = await readEmojiCache(files);
      if (stored === undefined) {
        stored = await drawPictures(config, { names, styles }, context);
        throwIfAborted(context.signal);
        await writeEmojiCache(files, stored);
      }
      return createEmojiDataset(stored, captions);
    },
  };
}

async function drawPictures(
  config: EmojiConfig,
  packages: { readonly names: LocatedPackage; readonly styles: readonly LocatedPackage[] },
  { signal, progress }: Parameters<DatasetFactory['prepare']>[1],
): Promise<StoredPictures> {
  const { size } = config;
  const names = await readCatalogue(packages.names, config.subset);
  const jobs: (EmojiRenderJob & { readonly name: EmojiName })[] = [];
  for (const [index, style] of config.styles.entries()) {
    const find = await openDrawings(style, packages.styles[index]!);
    for (const name of names) {
      const drawing = find(name.code);
      if (drawing !== undefined) jobs.push({ name, picture: { style, label: name.label }, drawing });
    }
  }
  const drawn = await renderEmoji(jobs, { size, signal, progress });

  const kept = selectPictures(
    drawn,
    jobs.map(({ picture }) => picture.style),
  );
  const bytes = size * size * 3;
  const pixels = new Uint8Array(kept.length * bytes);
  for (const [to, from] of kept.entries()) pixels.set(drawn.subarray(from * bytes, (from + 1) * bytes), to * bytes);

  const splitOf = createSplitRule(names);
  const pictures = settleSplits(
    kept.map((index) => {
      const { name, picture } = jobs[index]!;
      return { ...picture, split: splitOf(name, picture.style) };
    }),
  );
  assertWordsCovered(pictures);
  return { size, pictures, pixels };
}
