/**
 * Small sources of animated emoji for tests: a package of WebP files as the published ones are, a Lottie player that
 * draws one grey per frame, and tar archives.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** An animated WebP of 16 pixels whose frames are plain: red of these levels, the left half transparent. */
export async function plainAnimation(levels: readonly number[], delays: readonly number[]): Promise<Uint8Array> {
  const side = 16;
  const tall = new Uint8Array(levels.length * side * side * 4);
  for (let pixel = 0; pixel < levels.length * side * side; pixel++) {
    tall.set([levels[Math.floor(pixel / (side * side))]!, 0, 0, pixel % side < side / 2 ? 0 : 255], pixel * 4);
  }
  const height = levels.length * side;
  return sharp(tall, { raw: { width: side, height, channels: 4, pageHeight: side } })
    .webp({ lossless: true, delay: [...delays] })
    .toBuffer();
}

/** Writes a package into `<folder>/node_modules`. */
export async function writePackage(
  folder: string,
  name: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const root = join(folder, 'node_modules', name);
  const all = { 'package.json': JSON.stringify({ name, version: '1.2.3', type: 'module' }), ...files };
  for (const [file, content] of Object.entries(all)) {
    await mkdir(join(root, file, '..'), { recursive: true });
    await writeFile(join(root, file), content);
  }
}

/** The code of a player of animations `{"frames": n}`: at frame f every pixel is the grey 10 f, opaque. Anything else is refused. */
export const greyPlayer = `
export class DotLottie {
  static setWasmUrl(url) { if (!url.startsWith('data:application/wasm;base64,')) throw new Error('no data'); }
  #listeners = {};
  destroyed = false;
  constructor({ canvas, data }) {
    this.buffer = new Uint8Array(canvas.width * canvas.height * 4);
    queueMicrotask(() => {
      const { frames } = JSON.parse(data);
      this.totalFrames = frames;
      if (frames === undefined) this.#listeners.loadError?.({ error: new Error('no frames in it') });
      else this.#listeners.load?.({});
    });
  }
  addEventListener(name, listen) { this.#listeners[name] = listen; }
  setFrame(frame) {
    for (let at = 0; at < this.buffer.length; at += 4) this.buffer.set([10 * frame, 10 * frame, 10 * frame, 255], at);
  }
  destroy() {}
}
`;

/** A file to pack. */
export interface PackedFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** The type flag; default `0`, a regular file. */
  readonly kind?: string;
  /** The folder part of a long name. */
  readonly prefix?: string;
}

/** A tar archive, two empty blocks at its end. */
export function tarOf(files: readonly PackedFile[]): Uint8Array {
  const blocks = files.flatMap(({ name, data, kind = '0', prefix = '' }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${data.length.toString(8).padStart(11, '0')} `, 124);
    header.write('        ', 148);
    header.write(kind, 156);
    header.write('ustar\0', 257);
    header.write(prefix, 345);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
