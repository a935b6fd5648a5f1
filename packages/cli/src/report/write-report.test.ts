import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from './render-report.ts';
import { sampleTrainingReport } from './sample-training-report.ts';
import { writeReport } from './write-report.ts';

const report = sampleTrainingReport({ records: 10, side: 2 });
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'transfuse-report-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('writing a report', () => {
  it('writes the rendered page, makes the folder and leaves nothing else behind', async () => {
    const file = path.join(folder, 'runs', 'first', 'report.html');
    await writeReport(report, file);
    expect(await readFile(file, 'utf8')).toBe(await renderReport(report));
    expect(await readdir(path.dirname(file))).toEqual(['report.html']);
  });

  it('replaces an earlier report', async () => {
    const file = path.join(folder, 'again.html');
    await writeFile(file, 'old');
    await writeReport(report, file);
    expect(await readFile(file, 'utf8')).toMatch(/^<!doctype html>/u);
  });

  it('names the file that cannot be written and leaves no draft', async () => {
    const file = path.join(folder, 'taken', 'report.html');
    await mkdir(path.join(file, 'inside'), { recursive: true });
    await expect(writeReport(report, file)).rejects.toMatchObject({
      code: 'config.invalid',
      place: `report file ${file}`,
    });
    expect(await readdir(path.dirname(file))).toEqual(['report.html']);
  });

  it('keeps the earlier report when a picture is broken', async () => {
    const file = path.join(folder, 'kept.html');
    await writeFile(file, 'old');
    const broken = { caption: 'a heart', generated: [{ width: 2, height: 2, data: new Uint8Array(1) }] };
    await expect(writeReport({ ...report, trained: [broken] }, file)).rejects.toMatchObject({
      code: 'image.undecodable',
    });
    expect(await readFile(file, 'utf8')).toBe('old');
  });
});
