import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './program.ts';
import { jsonLinesOf, linesOf, type ProgramRun, trainingFolder, transfuse } from './testing/recorded-program.ts';
import { recordSurroundings } from './testing/recorded-surroundings.ts';

const config = {
  data: { name: 'emoji', size: 16 },
  model: { preset: 'nano', sequenceLength: 96 },
  modalities: {
    text: { adapter: 'bpe', vocabularySize: 300 },
    image: { adapter: 'linear-patch', size: 16, patchSize: 8 },
  },
  sampling: { steps: 3 },
  train: { steps: 10, rows: 4, rowLength: 64, logEvery: 5, sampleEvery: 5 },
};

const { folder, configFile, out, checkpoint, train, remove } = trainingFolder('nano');
let trained: ProgramRun;
beforeAll(async () => {
  trained = await train(config);
});
afterAll(remove);

describe('train', () => {
  it('shows its steps on standard error and the checkpoint on standard output', () => {
    const { exitCode, stdout, stderr } = trained;
    expect(stderr).toMatch(/^step 10\/10 {2}text [\d.]+ {2}diffusion [\d.]+ {2}[\d,.]+ tokens\/s {2}0 ms left$/m);
    const report = join(out, 'report.html');
    const said = `Trained 10 steps; the checkpoint is ${checkpoint}\nThe report is ${report}\n`;
    expect([exitCode, stdout]).toEqual([0, said]);
  });

  it('writes a report with losses, samples on the way, examples and captions', async () => {
    const page = await readFile(join(out, 'report.html'), 'utf8');
    for (const id of ['losses', 'progress', 'trained', 'held-out', 'captions'])
      expect(page).toContain(`<section id="${id}"`);
    expect(page.match(/after 5 steps/gu)!.length).toBeGreaterThan(1);
  });

  it('writes none where it is told so', async () => {
    const bare = join(folder, 'bare');
    const args = ['--out', bare, '--steps', '1', '--no-report', '--json'];
    const { exitCode, stdout } = await transfuse('train', configFile, ...args);
    expect(exitCode).toBe(0);
    expect(jsonLinesOf(stdout)).toEqual([{ reason: 'finished', step: 1, checkpoint: join(bare, 'checkpoint') }]);
    await expect(readFile(join(bare, 'report.html'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('draws samples on the way', async () => {
    expect((await readFile(join(out, 'samples', 'step-000005-1.png'))).subarray(1, 4).toString()).toBe('PNG');
  });

  it('does not start over an earlier run', async () => {
    const { exitCode, stderr } = await transfuse('train', configFile, '--out', out);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--resume');
  });

  it('resumes, with more steps where asked', async () => {
    const longer = join(folder, 'longer');
    await cp(out, longer, { recursive: true });
    const args = ['--out', longer, '--resume', '--steps', '12', '--json', '--no-report'];
    const { exitCode, stdout } = await transfuse('train', configFile, ...args);
    expect(exitCode).toBe(0);
    expect(jsonLinesOf(stdout)).toEqual([{ reason: 'finished', step: 12, checkpoint: join(longer, 'checkpoint') }]);
    const steps = jsonLinesOf(await readFile(join(longer, 'metrics.jsonl'), 'utf8')).map(({ step }) => step);
    expect(steps).toEqual([1, 5, 10, 12]);
  });

  it('ends at Ctrl-C with a checkpoint, and says how to resume', async () => {
    const surroundings = recordSurroundings();
    const interrupted = join(folder, 'interrupted');
    const stderr = {
      write(text: string) {
        surroundings.stderr.write(text);
        if (text.startsWith('step 5/')) surroundings.interrupt();
      },
    };
    const args = ['train', configFile, '--out', interrupted, '--steps', '5000'];
    expect(await runProgram(args, { ...surroundings, stderr })).toBe(130);
    const [last = ''] = linesOf(surroundings.written.stderr).slice(-1);
    expect(last).toBe(
      `Interrupted after step 5; the checkpoint is ${join(interrupted, 'checkpoint')}, ` +
        `resume with: transfuse train ${configFile} --resume --out ${interrupted} --steps 5000`,
    );
    expect(surroundings.listeners).toBe(0);
    const state = await readFile(join(interrupted, 'checkpoint', 'trainer_state.json'), 'utf8');
    expect(JSON.parse(state)).toMatchObject({ step: 5 });
  });
});

describe('generate', () => {
  it('draws the picture that is wanted, the same for the same seed', async () => {
    const draw = async (name: string, seed: string) => {
      const args = ['a', 'red', 'heart', '--want', 'image', '--seed', seed, '--out', join(folder, name)];
      const { exitCode, stdout } = await transfuse('generate', checkpoint, ...args);
      const file = join(folder, name, 'image-1.png');
      expect([exitCode, stdout]).toEqual([0, `Saved ${file}\n`]);
      return readFile(file);
    };
    const first = await draw('first', '1');
    expect(await draw('again', '1')).toEqual(first);
    expect(await draw('other', '2')).not.toEqual(first);
  });

  it('takes pictures in a prompt and prints events as JSON', async () => {
    await transfuse('generate', checkpoint, 'a heart', '--want', 'image', '--out', folder);
    const picture = join(folder, 'image-1.png');
    const args = [picture, 'is', '--want', 'text', '--max-tokens', '4', '--json', '--out', folder];
    const { exitCode, stdout } = await transfuse('generate', checkpoint, ...args);
    expect(exitCode).toBe(0);
    expect(jsonLinesOf(stdout).at(-1)).toMatchObject({ type: 'end', blocks: 0 });
  });

  it('says that a prompt is too long', async () => {
    const { exitCode, stderr } = await transfuse('generate', checkpoint, 'word '.repeat(200), '--out', folder);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('[sequence.too-long]');
  });
});

describe('caption', () => {
  it('prints one line per picture', async () => {
    await transfuse('generate', checkpoint, 'a heart', '--want', 'image', '--out', folder);
    const picture = join(folder, 'image-1.png');
    const { exitCode, stdout } = await transfuse('caption', checkpoint, picture, picture, '--max-tokens', '4');
    expect(exitCode).toBe(0);
    expect(linesOf(stdout)).toHaveLength(2);
    for (const line of linesOf(stdout)) expect(line.split('\t')[0]).toBe(picture);
  });

  it('names a file that is no picture', async () => {
    const file = join(folder, 'fake.png');
    await writeFile(file, 'not a picture');
    const { exitCode, stderr } = await transfuse('caption', checkpoint, file, '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'image.undecodable', place: file } });
  });
});

describe('inspect', () => {
  it('counts parameters, and says how far training came', async () => {
    const { exitCode, stdout } = await transfuse('inspect', checkpoint, '--json');
    expect(exitCode).toBe(0);
    const report = JSON.parse(stdout) as { parameters: { total: number; parts: { parameters: number }[] } };
    expect(report).toMatchObject({ training: { step: 10, steps: 10 }, vocabulary: { size: 305, special: 5 } });
    expect(report.parameters.parts.reduce((sum, part) => sum + part.parameters, 0)).toBe(report.parameters.total);
    expect((await transfuse('inspect', checkpoint)).stdout).toContain(report.parameters.total.toLocaleString('en-US'));
  });

  it.each([
    ['truncated weights', 'tensor-file.malformed', (at: string) => truncate(join(at, 'model.safetensors'), 50_000)],
    ['no tokenizer', 'checkpoint.not-found', (at: string) => rm(join(at, 'tokenizer.json'))],
    ['the tokenizer of another model', 'tokenizer.mismatch', removeLastMerge],
  ])('says that a checkpoint has %s, as generate does', async (_, code, harm) => {
    const harmed = await mkdtemp(join(folder, 'harmed-'));
    await cp(checkpoint, harmed, { recursive: true });
    await harm(harmed);
    for (const command of [
      ['inspect', harmed],
      ['generate', harmed, 'hello', '--out', folder],
    ]) {
      const { exitCode, stdout, stderr } = await transfuse(...command);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`[${code}]`);
    }
  });
});

async function removeLastMerge(at: string): Promise<void> {
  const path = join(at, 'tokenizer.json');
  const file = JSON.parse(await readFile(path, 'utf8')) as {
    model: { vocab: Record<string, number>; merges: unknown[] };
  };
  const last = Object.entries(file.model.vocab).reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  delete file.model.vocab[last[0]];
  file.model.merges.pop();
  await writeFile(path, JSON.stringify(file));
}
