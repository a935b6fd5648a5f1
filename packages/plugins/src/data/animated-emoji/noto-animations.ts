/*
 * Google's Noto animated emoji, as Lottie files that a user has downloaded (they are not on npm): a folder or a .tar.gz
 * archive in which `<code>/lottie.json` or `<code>.json` is the animation of an emoji. The drawings are those of the
 * style `noto`, set in motion.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { normalizedCode } from '../emoji/emoji-catalogue.ts';
import { type AnimationSource, brokenSource, saidBy } from './animation-source.ts';
import type { LottieRenderer } from './lottie-renderer.ts';
import { tarFiles } from '../tar-archive.ts';

/** Opens a folder or an archive. @throws TransfuseError `dataset.unavailable` where there is none, or none that holds animations. */
export async function openNotoAnimations(path: string, renderer: LottieRenderer): Promise<AnimationSource> {
  const files = new Map<string, string>();
  const hash = createHash('sha256').update(renderer.version);
  for (const [name, text] of await lottieFiles(path)) {
    const code = codeOf(name);
    if (code === undefined || files.has(code)) continue;
    files.set(code, text);
    hash.update(`\n${code} `).update(text);
  }
  if (files.size === 0) {
    throw brokenSource(path, {
      found: 'no files <code>/lottie.json',
      expected: 'Lottie files, named by the code points of their emoji',
      mend: 'Give the folder or .tar.gz file that holds the Noto animated emoji.',
    });
  }
  return {
    style: 'noto',
    version: `noto@${hash.digest('hex').slice(0, 16)}`,
    async find(code) {
      const lottie = files.get(code);
      return lottie === undefined ? undefined : (into) => renderer.draw(lottie, into);
    },
  };
}

/** `lottie/1f3ce_fe0f/lottie.json` is `1f3ce`. */
function codeOf(name: string): string | undefined {
  const code = /(?:^|\/)([0-9a-f]{2,6}(?:[_-][0-9a-f]{2,6})*)(?:\/lottie)?\.json$/i.exec(name)?.[1];
  return code === undefined ? undefined : normalizedCode(code.replaceAll('_', '-'));
}

/** JSON files by their path below `path`, in the order of these. */
async function lottieFiles(path: string): Promise<readonly (readonly [string, string])[]> {
  try {
    const files = (await stat(path)).isDirectory() ? await inFolder(path) : await inArchive(path);
    return files.sort(([a], [b]) => (a < b ? -1 : 1));
  } catch (cause) {
    throw brokenSource(path, {
      found: saidBy(cause),
      expected: 'a folder or a .tar.gz file of Noto animated emoji',
      mend: 'Check the path; a relative one begins at the folder the program was started in.',
      cause,
    });
  }
}

async function inFolder(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [
      name.replaceAll(sep, '/'),
      await readFile(join(folder, name), 'utf8'),
    ]),
  );
}

async function inArchive(file: string): Promise<[string, string][]> {
  const bytes = await readFile(file);
  const tar =
    bytes[0] === 0x1f && bytes[1] === 0x8b ? await promisify(gunzip)(bytes, { maxOutputLength: 2 ** 31 - 1 }) : bytes;
  return [...tarFiles(tar)]
    .filter(({ name }) => name.endsWith('.json'))
    .map(({ name, content: data }) => [name, new TextDecoder().decode(data)]);
}
