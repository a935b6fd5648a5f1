/*
 * Microsoft's animated Fluent emoji, as animated WebP files of 256 pixels in four npm packages. About half of the files
 * do not move; those are left out. The drawings are those of the style `fluent-3d`.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { normalizedCode } from '../emoji/emoji-catalogue.ts';
import type { LocatedPackage } from '../emoji/emoji-packages.ts';
import { type AnimationSource, brokenSource, type DrawingSize, saidBy } from './animation-source.ts';

/** The package that holds a part. */
export function fluentPackage(part: number): string {
  return `@lobehub/fluent-emoji-anim-${part}`;
}

/** Opens installed packages. @throws TransfuseError `dataset.unavailable` where one is not as it was published. */
export async function openFluentAnimations(packages: readonly LocatedPackage[]): Promise<AnimationSource> {
  const files = new Map<string, string>();
  for (const found of packages) {
    const folder = join(found.folder, 'assets');
    const names = await readdir(folder).catch((cause: unknown) => {
      throw brokenSource(`package ${found.name} ${found.version}`, {
        found: 'no folder assets',
        expected: 'the files this version is published with',
        mend: `Run "npm install ${found.name}" again.`,
        cause,
      });
    });
    for (const name of names) {
      const code = name.endsWith('.webp') ? normalizedCode(name.slice(0, -'.webp'.length)) : '';
      if (code !== '' && !files.has(code)) files.set(code, join(folder, name));
    }
  }
  return {
    style: 'fluent-3d',
    version: packages.map(({ name, version }) => `${name}@${version}`).join(),
    async find(code) {
      const file = files.get(code);
      if (file === undefined) return undefined;
      const delays = await delaysOf(file);
      return delays.length > 1 ? (into) => drawFrames(file, delays, into) : undefined;
    },
  };
}

async function delaysOf(file: string): Promise<readonly number[]> {
  const { default: sharp } = await import('sharp');
  try {
    const { pages = 1, delay = [] } = await sharp(file).metadata();
    return Array.from({ length: pages }, (_, page) => Math.max(1, delay[page] ?? 0));
  } catch (cause) {
    throw brokenSource(file, {
      found: saidBy(cause),
      expected: 'an animated WebP picture',
      mend: 'Install the package again.',
      cause,
    });
  }
}

async function drawFrames(file: string, delays: readonly number[], { size, frames }: DrawingSize): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(file, { animated: true })
    .resize(size, size, { fit: 'contain', background: '#ffffff00', kernel: 'lanczos3' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const bytes = size * size * 3;
  if (info.channels !== 3 || data.length !== delays.length * bytes) {
    throw new Error(`${info.channels} channels, ${data.length} bytes for ${delays.length} frames`);
  }
  const drawn = new Uint8Array(frames * bytes);
  for (const [to, from] of spreadFrames(delays, frames).entries()) {
    drawn.set(data.subarray(from * bytes, (from + 1) * bytes), to * bytes);
  }
  return drawn;
}

/** The frames that show in the middle of equal parts of an animation, by index. */
export function spreadFrames(delays: readonly number[], count: number): readonly number[] {
  const total = delays.reduce((sum, delay) => sum + delay, 0);
  return Array.from({ length: count }, (_, index) => {
    let left = ((index + 0.5) / count) * total;
    return delays.findIndex((delay) => (left -= delay) < 0);
  });
}
