import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clip } from './clip.ts';
import { dataFile } from './data-file.ts';
import { isFile, mediumIn, namedFile } from './named-file.ts';
import { picture } from './picture.ts';

const exists = (path: string) => ['cloud.json', 'heart.png', 'odd:name.txt', 'name.txt'].includes(path);
const of = (word: string, modalities?: readonly string[]) => namedFile(word, { modalities, exists });

describe('a named file', () => {
  it('is what a prefix says', () => {
    expect(of('video:C:/a.webp')).toEqual({ file: 'C:/a.webp', medium: clip });
    expect(of('image:heart.png', ['text', 'image'])).toEqual({ file: 'heart.png', medium: picture });
    expect(of('text:a')).toBeUndefined();
    expect(of('a.png')).toBeUndefined();
    expect(of('points:cloud.json')).toBeUndefined();
  });

  it('may be of any modality of the model', () => {
    expect(of('points:cloud.json', ['text', 'points'])).toMatchObject({
      file: 'cloud.json',
      medium: { modality: 'points', extension: '.json' },
    });
    const photo = of('photo:heart.png', ['photo'])!.medium;
    expect(photo).toEqual({ ...picture, modality: 'photo' });
  });

  it.each(['cloud:cloud.json', 'text:cloud.json', 'image:heart.png', 'image:absent.png'])(
    'is refused as %s, with the modalities there are',
    (word) => {
      expect(() => of(word, ['text', 'points', 'audio'])).toThrow(/reads from files: points, audio/u);
      expect(() => of(word, ['text'])).toThrow(/it has none/u);
    },
  );

  it('is not every word with a colon', () => {
    for (const word of [
      'note:well',
      'see this:cloud.json',
      'note: cloud.json',
      ':cloud.json',
      'note:',
      'odd:name.txt',
    ]) {
      expect(of(word, ['text', 'points'])).toBeUndefined();
    }
    expect(namedFile('https://example.org', { modalities: ['text', 'points'] })).toBeUndefined();
    expect(namedFile(`see:${'x'.repeat(5000)}`, { modalities: ['text'] })).toBeUndefined();
    expect(isFile('no\0file')).toBe(false);
  });

  it('is of the modality that is wanted, where the model has it', () => {
    expect(mediumIn('image', 'a.webp')).toBe(picture);
    expect(mediumIn('points', 'cloud.json', ['points'])).toMatchObject({ modality: 'points' });
    expect(mediumIn('points', 'cloud.json')).toBeUndefined();
    expect(mediumIn('text', 'cloud.json', ['text'])).toBeUndefined();
  });
});

describe('a data file', () => {
  const points = dataFile('points');

  it('that is absent or no JSON is refused with its path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'transfuse-data-'));
    const file = join(folder, 'cloud.json');
    await expect(points.read(file)).rejects.toMatchObject({ code: 'generation.invalid-option', place: file });
    await writeFile(file, '{"points":');
    await expect(points.read(file)).rejects.toMatchObject({ code: 'generation.invalid-option', place: file });
    await rm(folder, { recursive: true });
  });

  it('is written where it can be, of what JSON can hold', async () => {
    const file = join(tmpdir(), 'transfuse-absent-folder', 'cloud.json');
    await expect(points.save({}, file)).rejects.toMatchObject({ code: 'file.unwritable', place: file });
    await expect(points.save(new Map(), file)).rejects.toThrow(/JSON cannot hold/u);
  });

  it('is read from bytes too', async () => {
    const bytes = new TextEncoder().encode('{"points":{"type":"Float32Array","values":[1]}}');
    expect(await points.read(bytes)).toEqual({ points: Float32Array.of(1) });
  });
});
