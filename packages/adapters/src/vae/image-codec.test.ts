import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Latent } from '@transfuse/core/contracts';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { readSafetensors, writeSafetensors } from '@transfuse/core/params';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedArray, unpack, waveTensor } from '../../../../test/support/autoencoder-reference.ts';
import { largestDifference } from '../../../../test/support/tiny-numbers.ts';
import { openImageCodec } from './image-codec.ts';

// Folders as diffusers' save_pretrained writes them, and what it computes with them: test/reference/autoencoders.py.

interface Folder {
  readonly files: Readonly<Record<string, string>>;
  readonly mode: PackedArray;
  readonly sample: PackedArray;
  readonly decoded: PackedArray;
  readonly tiled: { readonly encoded: PackedArray; readonly decoded: PackedArray };
}

const fixture = JSON.parse(readFileSync(new URL('./codec-folders.fixture.json', import.meta.url), 'utf8')) as {
  readonly kl: Folder;
  readonly tiny: Folder;
};
const weightsName = 'diffusion_pytorch_model.safetensors';
const filesOf = (kind: 'kl' | 'tiny') =>
  Object.fromEntries(Object.entries(fixture[kind].files).map(([name, text]) => [name, Buffer.from(text, 'base64')]));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'image-codec-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A folder of its own with these files. */
async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(root, 'codec-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

/** A folder whose configuration has other fields. */
const withConfig = (kind: 'kl' | 'tiny', change: Readonly<Record<string, unknown>>) => {
  const files = filesOf(kind);
  const config = { ...(JSON.parse(files['config.json']!.toString()) as object), ...change };
  return folderOf({ ...files, 'config.json': JSON.stringify(config) });
};

/** `[H, W, C]` of a stream. */
const image = (stream: number, ...shape: readonly number[]): Latent => ({
  shape,
  data: waveTensor(stream, shape).data as Float32Array,
});

const expectClose = ({ shape, data }: Latent, expected: PackedArray) => {
  expect(shape).toEqual(expected.shape.slice(1));
  expect(largestDifference(data, unpack(expected))).toBeLessThan(1e-4);
};

const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

describe.each(Object.entries(engines))('an image codec, %s', (_, engine) => {
  it('encodes to the scaled mode, draws with noise, and decodes, as diffusers does with AutoencoderKL', async () => {
    const codec = await openImageCodec(await folderOf(filesOf('kl')), engine);
    expect([codec.latentChannels, codec.downscale, codec.latentShape(8, 12)]).toEqual([4, 2, [4, 6, 4]]);
    const pixels = image(930, 8, 12, 3);
    expectClose(await codec.encode(pixels), fixture.kl.mode);
    expectClose(await codec.encode(pixels, { noise: image(931, 4, 6, 4).data }), fixture.kl.sample);
    expectClose(await codec.decode(image(932, 4, 6, 4)), fixture.kl.decoded);
    await codec.dispose();
  });

  it('encodes and decodes as diffusers does with AutoencoderTiny', async () => {
    const codec = await openImageCodec(await folderOf(filesOf('tiny')), engine);
    expect([codec.latentChannels, codec.downscale]).toEqual([4, 8]);
    expectClose(await codec.encode(image(940, 16, 24, 3)), fixture.tiny.mode);
    expectClose(await codec.decode(image(941, 2, 3, 4)), fixture.tiny.decoded);
    await codec.dispose();
  });

  it('blends tiles as diffusers does with AutoencoderKL', async () => {
    const codec = await openImageCodec(await folderOf(filesOf('kl')), engine, { tiling: { size: 16, overlap: 0.25 } });
    expectClose(await codec.encode(image(933, 32, 24, 3)), fixture.kl.tiled.encoded);
    expectClose(await codec.decode(image(934, 16, 12, 4)), fixture.kl.tiled.decoded);
    expectClose(await codec.encode(image(930, 8, 12, 3)), fixture.kl.mode); // fits into one tile
    await codec.dispose();
  });

  it('blends tiles as diffusers does with AutoencoderTiny', async () => {
    const codec = await openImageCodec(await folderOf(filesOf('tiny')), engine, { tiling: { size: 32, overlap: 0.5 } });
    expectClose(await codec.encode(image(942, 48, 48, 3)), fixture.tiny.tiled.encoded);
    expectClose(await codec.decode(image(943, 6, 6, 4)), fixture.tiny.tiled.decoded);
    await codec.dispose();
  });

  it('gives the same for a size again after many other sizes, whatever is asked for at once', async () => {
    const codec = await openImageCodec(await folderOf(filesOf('kl')), engine);
    const sizes = [2, 4, 6, 8, 10, 12];
    const all = await Promise.all([...sizes, ...sizes].map((side) => codec.encode(image(side, side, 4, 3))));
    sizes.forEach((_, index) => expect(all[index]).toEqual(all[index + sizes.length]));
    await codec.dispose();
    await expect(codec.encode(image(1, 4, 4, 3))).rejects.toMatchObject({ code: 'host.disposed' });
    await codec.dispose();
  });
});

describe('an image codec', () => {
  const engine = engines.compiled;
  const open = async (files: Readonly<Record<string, Uint8Array | string>>) =>
    openImageCodec(await folderOf(files), engine);

  it('reads weights in several files with an index', async () => {
    const { [weightsName]: whole, ...others } = filesOf('kl');
    const { tensors } = readSafetensors(whole!);
    const names = Object.keys(tensors);
    const pick = (rest: number) =>
      Object.fromEntries(names.filter((_, i) => i % 2 === rest).map((n) => [n, tensors[n]!]));
    const index = { weight_map: Object.fromEntries(names.map((name, i) => [name, `part-${i % 2}.safetensors`])) };
    const codec = await open({
      ...others,
      'part-0.safetensors': writeSafetensors(pick(0)),
      'part-1.safetensors': writeSafetensors(pick(1)),
      [`${weightsName}.index.json`]: JSON.stringify(index),
    });
    expectClose(await codec.encode(image(930, 8, 12, 3)), fixture.kl.mode);
    await codec.dispose();
  });

  it('reads model.safetensors, and the attention under its former names and shapes', async () => {
    const { [weightsName]: whole, ...others } = filesOf('kl');
    const former = { to_q: 'query', to_k: 'key', to_v: 'value', 'to_out.0': 'proj_attn' };
    const renamed = Object.entries(readSafetensors(whole!).tensors).map(([name, tensor]) => {
      const part = Object.entries(former).find(([now]) => name.includes(`.${now}.`));
      if (part === undefined) return [name, tensor] as const;
      const shape = tensor.shape.length === 2 && part[0] === 'to_k' ? [...tensor.shape, 1, 1] : tensor.shape;
      return [name.replace(part[0], part[1]), { ...tensor, shape }] as const;
    });
    const codec = await open({ ...others, 'model.safetensors': writeSafetensors(Object.fromEntries(renamed)) });
    expectClose(await codec.encode(image(930, 8, 12, 3)), fixture.kl.mode);
    expectClose(await codec.decode(image(932, 4, 6, 4)), fixture.kl.decoded);
    await codec.dispose();
  });

  it('refuses sizes it cannot halve, other shapes and noise of another length', async () => {
    const codec = await open(filesOf('tiny'));
    const kl = await open(filesOf('kl'));
    const refusal = { code: 'image.unsupported-size' };
    expect(() => codec.latentShape(16, 20)).toThrow(expect.objectContaining(refusal));
    expect(() => codec.latentShape(0, 8)).toThrow(expect.objectContaining(refusal));
    await expect(codec.encode(image(1, 12, 8, 3))).rejects.toMatchObject({ ...refusal, found: '8 x 12 pixels' });
    await expect(codec.encode(image(1, 8, 8, 4))).rejects.toMatchObject(refusal);
    await expect(codec.decode(image(1, 8, 8, 3))).rejects.toMatchObject(refusal);
    await expect(codec.decode({ shape: [2, 2, 4], data: new Float32Array(15) })).rejects.toMatchObject(refusal);
    await expect(kl.encode(image(1, 4, 4, 3), { noise: new Float32Array(15) })).rejects.toMatchObject({
      ...refusal,
      place: 'noise',
    });
    await Promise.all([codec.dispose(), kl.dispose()]);
  });

  it('stops where its signal says so', async () => {
    const codec = await open(filesOf('kl'));
    const signal = AbortSignal.abort();
    await expect(codec.encode(image(1, 4, 4, 3), { signal })).rejects.toMatchObject({ code: 'generation.aborted' });
    await codec.dispose();
  });

  it('refuses tiles that do not lie on latents, and overlaps beyond a half', async () => {
    const folder = await folderOf(filesOf('tiny'));
    for (const tiling of [
      { size: 20, overlap: 0.25 },
      { size: 0, overlap: 0 },
      { size: 16, overlap: 0.6 },
      { size: 16, overlap: Number.NaN },
    ]) {
      await expect(openImageCodec(folder, engine, { tiling })).rejects.toMatchObject({ code: 'config.invalid' });
    }
  });

  it('says what is missing', async () => {
    const { 'config.json': config, [weightsName]: weights } = filesOf('kl');
    const missing = { code: 'checkpoint.not-found' };
    await expect(openImageCodec(join(root, 'nowhere'), engine)).rejects.toMatchObject(missing);
    await expect(open({ [weightsName]: weights! })).rejects.toMatchObject(missing);
    await expect(open({ 'config.json': config! })).rejects.toMatchObject(missing);
    const index = JSON.stringify({ weight_map: { 'encoder.conv_in.weight': 'gone.safetensors' } });
    await expect(open({ 'config.json': config!, [`${weightsName}.index.json`]: index })).rejects.toMatchObject(missing);
    const file = await folderOf({ 'config.json': config! });
    await expect(openImageCodec(join(file, 'config.json'), engine)).rejects.toMatchObject(missing);
  });

  it('says what does not fit', async () => {
    const kl = filesOf('kl');
    const invalid = (place: string) => ({
      code: 'checkpoint.invalid',
      place: expect.stringContaining(place) as string,
    });
    await expect(open({ ...kl, 'config.json': '[]' })).rejects.toMatchObject(invalid('config.json'));
    for (const [change, place] of [
      [{ _class_name: 'UNet2DConditionModel' }, 'field _class_name'],
      [{ _class_name: 'constructor' }, 'field _class_name'],
      [{ in_channels: 4 }, 'field in_channels'],
      [{ surprise: 1 }, 'field surprise'],
      [{ latent_channels: 8 }, 'tensor encoder.conv_out.weight'],
      [{ use_quant_conv: false }, 'tensor quant_conv.'],
      [{ layers_per_block: 2 }, 'tensor encoder.down_blocks.0.resnets.1.norm1.weight'],
    ] as const) {
      await expect(openImageCodec(await withConfig('kl', change), engine)).rejects.toMatchObject(invalid(place));
    }
    const { tensors } = readSafetensors(kl[weightsName]!);
    const [weight, bias] = ['decoder.conv_out.weight', 'decoder.conv_out.bias'] as const;
    const grey = {
      ...tensors,
      [weight]: { ...tensors[weight]!, shape: [1, 4, 3, 3], data: new Float32Array(36) },
      [bias]: { ...tensors[bias]!, shape: [1], data: new Float32Array(1) },
    };
    const config = { ...(JSON.parse(kl['config.json']!.toString()) as object), out_channels: 1 };
    await expect(
      open({ 'config.json': JSON.stringify(config), [weightsName]: writeSafetensors(grey) }),
    ).rejects.toMatchObject(invalid('field out_channels'));
    const escaping = JSON.stringify({ weight_map: { a: '../a.safetensors' } });
    await expect(
      open({ 'config.json': kl['config.json']!, [`${weightsName}.index.json`]: escaping }),
    ).rejects.toMatchObject(invalid('weight_map'));
    await expect(open({ ...kl, [weightsName]: Uint8Array.of(1, 2, 3) })).rejects.toMatchObject({
      code: 'tensor-file.malformed',
    });
  });
});
