import { describe, expect, it } from 'vitest';
import { clip } from '../media/clip.ts';
import { picture } from '../media/picture.ts';
import { sound } from '../media/sound.ts';
import { readPromptArguments } from './prompt-arguments.ts';

const exists = (path: string) =>
  ['cloud.json', 'heart.png', 'photo.JPEG', 'three.wav', 'wink.webp', 'notes.txt'].includes(path);
const items = (...words: string[]) => readPromptArguments(words, { exists }).items;

describe('readPromptArguments', () => {
  it('joins neighbouring texts by a space', () => {
    expect(items('a', 'red', 'heart')).toEqual([{ text: 'a red heart' }]);
  });

  it('takes an existing file of a known kind as that, and keeps the order', () => {
    expect(items('one', 'heart.png', 'two', 'three', 'photo.JPEG', 'three.wav')).toEqual([
      { text: 'one' },
      { file: 'heart.png', medium: picture },
      { text: 'two three' },
      { file: 'photo.JPEG', medium: picture },
      { file: 'three.wav', medium: sound },
    ]);
  });

  it('takes a prefix at its word, whether the file exists or not', () => {
    expect(items('image:heart.png', 'image:absent.bin', 'audio:noise', 'video:heart.png')).toEqual([
      { file: 'heart.png', medium: picture },
      { file: 'absent.bin', medium: picture },
      { file: 'noise', medium: sound },
      { file: 'heart.png', medium: clip },
    ]);
  });

  it('takes an animation as a picture, unless the model has clips and no pictures', () => {
    const animation = (modalities?: readonly string[]) =>
      readPromptArguments(['wink.webp'], { exists, modalities }).items;
    expect(animation()).toEqual([{ file: 'wink.webp', medium: picture }]);
    expect(animation(['text', 'video', 'image'])).toEqual([{ file: 'wink.webp', medium: picture }]);
    expect(animation(['text', 'video'])).toEqual([{ file: 'wink.webp', medium: clip }]);
  });

  it('takes a file of a modality that somebody brought, and a file that is absent as text', () => {
    const modalities = ['text', 'points'];
    expect(readPromptArguments(['this', 'points:cloud.json'], { exists, modalities })).toEqual({
      items: [{ text: 'this' }, { file: 'cloud.json', medium: expect.objectContaining({ modality: 'points' }) }],
      warnings: [],
    });
    expect(readPromptArguments(['points:clod.json'], { exists, modalities })).toEqual({
      items: [{ text: 'points:clod.json' }],
      warnings: ['There is no file clod.json, so points:clod.json is taken as text.'],
    });
  });

  it('refuses a file of a modality that the model does not have', () => {
    const read = () => readPromptArguments(['cloud:cloud.json'], { exists, modalities: ['text', 'points'] });
    expect(read).toThrow(expect.objectContaining({ code: 'generation.invalid-option', place: 'cloud:cloud.json' }));
  });

  it('takes other files, and words with a colon, as text', () => {
    expect(items('notes.txt', 'note: well')).toEqual([{ text: 'notes.txt note: well' }]);
  });

  it('takes a file that does not exist as text, and warns', () => {
    expect(readPromptArguments(['hart.png'], { exists })).toEqual({
      items: [{ text: 'hart.png' }],
      warnings: [expect.stringContaining('image:hart.png for a picture')],
    });
    expect(readPromptArguments(['four.flac'], { exists }).warnings).toEqual([
      expect.stringContaining('audio:four.flac for a sound'),
    ]);
    expect(readPromptArguments(['heart.png', 'a', 'notes.txt'], { exists }).warnings).toEqual([]);
  });

  it('takes no words as an empty prompt', () => {
    expect(items()).toEqual([]);
  });
});
