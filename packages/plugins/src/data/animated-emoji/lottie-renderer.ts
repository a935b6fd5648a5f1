/*
 * Draws frames of Lottie animations with the player of `@lottiefiles/dotlottie-web`, whose WebAssembly draws into plain
 * memory and needs no browser: a canvas is anything that has a width and a height. The package is installed beside
 * this one where it is wanted; what is used of it is written down here as types.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LocatedPackage } from '../emoji/emoji-packages.ts';
import { brokenSource, type DrawingSize, saidBy } from './animation-source.ts';

/** The package that draws. */
export const lottiePackage = '@lottiefiles/dotlottie-web';

/** Draws Lottie animations. */
export interface LottieRenderer {
  /** What decides how drawings look. */
  readonly version: string;
  /** Draws a Lottie document over white: `[frames, size, size, 3]` bytes. */
  draw(lottie: string, into: DrawingSize): Promise<Uint8Array>;
}

/** The part of a player that is used. */
interface Player {
  readonly totalFrames: number;
  /** Red, green, blue and alpha of every pixel. */
  readonly buffer: Uint8Array | null;
  addEventListener(event: string, listen: (event: { readonly error?: Error }) => void): void;
  setFrame(frame: number): void;
  destroy(): void;
}

interface PlayerModule {
  readonly DotLottie: {
    new (options: Readonly<Record<string, unknown>>): Player;
    setWasmUrl(url: string): void;
  };
}

/** Loads the installed player. @throws TransfuseError `dataset.unavailable` where it is not as expected. */
export async function openLottieRenderer(found: LocatedPackage): Promise<LottieRenderer> {
  const dist = join(found.folder, 'dist');
  let module: PlayerModule;
  try {
    module = (await import(pathToFileURL(join(dist, 'index.js')).href)) as PlayerModule;
    const wasm = await readFile(join(dist, 'dotlottie-player.wasm'));
    module.DotLottie.setWasmUrl(`data:application/wasm;base64,${wasm.toString('base64')}`);
  } catch (cause) {
    throw brokenSource(`package ${found.name} ${found.version}`, {
      found: saidBy(cause),
      expected: 'the player and its WebAssembly',
      mend: `Run "npm install ${found.name}" again.`,
      cause,
    });
  }
  return {
    version: `${found.name}@${found.version}`,
    async draw(lottie, { size, frames }) {
      const side = Math.max(4 * size, 128); // drawn large and scaled down, as the still emoji are
      const player = await opened(module, lottie, side);
      try {
        const drawn = new Uint8Array(frames * size * size * 3);
        for (let index = 0; index < frames; index++) {
          player.setFrame(((index + 0.5) / frames) * player.totalFrames);
          drawn.set(await scaledDown(player, side, size), index * size * size * 3);
        }
        return drawn;
      } finally {
        player.destroy();
      }
    },
  };
}

async function opened({ DotLottie }: PlayerModule, lottie: string, side: number): Promise<Player> {
  const player = new DotLottie({
    canvas: { width: side, height: side },
    data: lottie,
    autoplay: false,
    loop: false,
    useFrameInterpolation: true,
    renderConfig: { autoResize: false, devicePixelRatio: 1 },
  });
  try {
    await new Promise<void>((resolve, reject) => {
      player.addEventListener('load', () => resolve());
      player.addEventListener('loadError', ({ error }) => reject(error ?? new Error('no Lottie animation')));
    });
  } catch (cause) {
    player.destroy();
    throw cause;
  }
  return player;
}

async function scaledDown(player: Player, side: number, size: number): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const pixels = player.buffer;
  if (pixels === null || pixels.length !== side * side * 4) throw new Error('the player drew nothing');
  return sharp(pixels.slice(), { raw: { width: side, height: side, channels: 4 } })
    .resize(size, size, { kernel: 'lanczos3' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer();
}
