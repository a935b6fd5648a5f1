import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RasterImage } from '@transfuse/adapters/image';
import { openImageCodec, perceptualParameters, weightsToFile } from '@transfuse/adapters/vae';
import { createRandom } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { initializeParameters, writeSafetensors } from '@transfuse/core/params';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../program.ts';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';

const config = {
  data: { name: 'emoji', size: 16, styles: ['noto'] },
  codec: { size: 16, channels: [8, 16], latentChannels: 3, groups: 4 },
  train: { steps: 12, batch: 4, logEvery: 6 },
};

let folder: string;
let out: string;
let trained: Awaited<ReturnType<typeof run>>;

async function run(...args: string[]) {
  const surroundings = recordSurroundings();
  const exitCode = await runProgram(args, surroundings);
  return { exitCode, ...surroundings.written };
}

const file = async (name: string, value: unknown) => {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(value));
  return path;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-train-codec-'));
  out = join(folder, 'run');
  trained = await run('train-codec', await file('codec.config.json', config), '--out', out);
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

describe('train-codec', () => {
  it('shows its steps, and says how good the codec is and where', () => {
    const { exitCode, stdout, stderr } = trained;
    expect(stderr).toMatch(/^step 12\/12 {2}error [\d.]+ {2}divergence [\d.]+ {2}0 ms left$/m);
    expect(stdout).toMatch(
      /^Trained 12 steps \(train [\d.]+ dB.*\); the codec is .*codec, the report .*report\.html\n$/,
    );
    expect(exitCode).toBe(0);
  });

  it('writes a codec that opens, its latents scaled by what was measured', async () => {
    const engine = createCompiledEngine({ threads: 1 });
    const codec = await openImageCodec(join(out, 'codec'), engine);
    expect([codec.downscale, codec.latentChannels]).toEqual([2, 3]);
    const { data } = await codec.encode({ shape: [16, 16, 3], data: new Float32Array(768).fill(1) });
    expect(data.every((value) => Math.abs(value) < 6)).toBe(true);
    await Promise.all([codec.dispose(), engine.dispose()]);
    const stored = JSON.parse(await readFile(join(out, 'codec', 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(stored).toMatchObject({ _class_name: 'AutoencoderKL', sample_size: 16, latent_channels: 3 });
    expect(stored['scaling_factor']).not.toBe(1);
  });

  it('shows originals beside reconstructions, and how the error fell', async () => {
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page.match(/<img /g)?.length).toBeGreaterThanOrEqual(48);
    expect(page).toMatch(/[\d.]+ dB/);
    const sheet = await RasterImage.read(join(out, 'reconstructions.png'));
    expect(sheet.width).toBe(12 * (16 * 2 + 4) + 4);
    const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([1, 6, 12]);
  });

  it('does not train over an earlier codec', async () => {
    const { exitCode, stderr } = await run('train-codec', join(folder, 'codec.config.json'), '--out', out);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('[file.unwritable]');
  });

  it('ends at Ctrl-C with the codec as it stands', async () => {
    const surroundings = recordSurroundings();
    const interrupted = join(folder, 'interrupted');
    const stderr = {
      write(text: string) {
        surroundings.stderr.write(text);
        if (text.startsWith('step 6/')) surroundings.interrupt();
      },
    };
    const args = ['train-codec', join(folder, 'codec.config.json'), '--out', interrupted, '--steps', '500', '--json'];
    expect(await runProgram(args, { ...surroundings, stderr })).toBe(130);
    expect(JSON.parse(surroundings.written.stdout)).toMatchObject({ reason: 'aborted', step: 6 });
    expect(surroundings.written.stderr).toContain(`the codec as it stands is ${join(interrupted, 'codec')}\n`);
    expect(surroundings.listeners).toBe(0);
    await readFile(join(interrupted, 'codec', 'diffusion_pytorch_model.safetensors'));
  });

  it('takes a perceptual network and a discriminator, and shows what they say', async () => {
    const network = initializeParameters(perceptualParameters([4, 4, 4, 4, 4]), createRandom(1));
    const vgg = join(folder, 'lpips.safetensors');
    await writeFile(vgg, writeSafetensors(weightsToFile(network)));
    const against = join(folder, 'against');
    const terms = ['--perceptual', vgg, '--perceptual-weight', '0.5', '--gan-weight', '0.2', '--gan-start', '7'];
    const args = ['train-codec', join(folder, 'codec.config.json'), '--out', against, ...terms];
    const { exitCode, stderr } = await run(...args);
    expect(stderr).toMatch(/^step 6\/12 {2}error [\d.]+ {2}divergence [\d.]+ {2}perceptual [\d.-]+ {2}\d/m);
    expect(stderr).toMatch(/^step 12\/12 .* {2}perceptual [\d.-]+ {2}discriminator [\d.]+ {2}0 ms left$/m);
    expect(exitCode).toBe(0);
    const lines = (await readFile(join(against, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ step: 12, adversarialWeight: expect.any(Number) });
    const page = await readFile(join(against, 'report.html'), 'utf8');
    expect(page).toContain('the perceptual distance LPIPS and a discriminator of patches from step 7 on.');
  });

  it('names a field that is wrong', async () => {
    const path = await file('wrong.json', { ...config, codec: { channels: [9] } });
    const { exitCode, stderr } = await run('train-codec', path, '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'config.invalid', place: 'codec.channels' } });
  });
});

describe('a model on the latents of that codec', () => {
  const model = () => ({
    data: config.data,
    model: { preset: 'nano', sequenceLength: 96 },
    modalities: {
      text: { adapter: 'bpe', vocabularySize: 300 },
      image: { adapter: 'linear-patch', size: 16, patchSize: 2, codec: { folder: join(out, 'codec') } },
    },
    sampling: { steps: 3 },
    train: { steps: 4, rows: 4, rowLength: 64, logEvery: 2 },
  });

  it('is trained, resumed, looked at and drawn with', async () => {
    const [path, runFolder] = [await file('latent.config.json', model()), join(folder, 'latent')];
    expect((await run('train', path, '--out', runFolder)).exitCode).toBe(0);
    expect((await run('train', path, '--out', runFolder, '--resume', '--steps', '6')).exitCode).toBe(0);
    const checkpoint = join(runFolder, 'checkpoint');
    const report = JSON.parse((await run('inspect', checkpoint, '--json')).stdout) as { adapters: object[] };
    expect(report.adapters).toContainEqual(expect.objectContaining({ latentShape: [8, 8, 3], tokens: 16 }));
    const args = ['a red heart', '--want', 'image', '--seed', '1', '--out', folder];
    expect((await run('generate', checkpoint, ...args)).exitCode).toBe(0);
    const drawn = await RasterImage.read(join(folder, 'image-1.png'));
    expect([drawn.width, drawn.height]).toEqual([16, 16]);
    expect((await run('caption', checkpoint, join(folder, 'image-1.png'), '--max-tokens', '4')).exitCode).toBe(0);
  });

  it('is not loaded with another codec in the place of its own', async () => {
    const weights = join(out, 'codec', 'diffusion_pytorch_model.safetensors');
    const original = await readFile(weights);
    const changed = Buffer.from(original);
    changed[changed.length - 1]! ^= 1; // a sign, an exponent: still a number, and another codec
    await writeFile(weights, changed);
    const args = ['generate', join(folder, 'latent', 'checkpoint'), 'a red heart', '--json', '--out', folder];
    const { exitCode, stderr } = await run(...args);
    await writeFile(weights, original);
    expect(exitCode).toBe(2);
    const [last = ''] = stderr.trimEnd().split('\n').slice(-1);
    expect(JSON.parse(last)).toMatchObject({
      error: { code: 'checkpoint.invalid', place: `codec ${join(out, 'codec')}` },
    });
  });

  it('cannot be loaded without the codec, and says so', async () => {
    const gone = model();
    gone.modalities.image.codec.folder = join(folder, 'gone');
    const { exitCode, stderr } = await run(
      'train',
      await file('gone.json', gone),
      '--out',
      join(folder, 'never'),
      '--json',
    );
    expect(exitCode).toBe(2);
    const [last = ''] = stderr.trimEnd().split('\n').slice(-1);
    expect(JSON.parse(last)).toMatchObject({ error: { code: 'checkpoint.not-found', place: join(folder, 'gone') } });
  });
});
