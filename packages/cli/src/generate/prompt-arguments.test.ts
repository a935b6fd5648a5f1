import { describe, expect, it } from 'vitest';
import { readPromptArguments } from './prompt-arguments.ts';

const exists = (path: string) => ['heart.png', 'photo.JPEG', 'notes.txt'].includes(path);
const items = (...words: string[]) => readPromptArguments(words, exists).items;

describe('readPromptArguments', () => {
  it('joins neighbouring texts by a space', () => {
    expect(items('a', 'red', 'heart')).toEqual([{ text: 'a red heart' }]);
  });

  it('takes an existing picture file as a picture, and keeps the order', () => {
    expect(items('one', 'heart.png', 'two', 'three', 'photo.JPEG')).toEqual([
      { text: 'one' },
      { file: 'heart.png' },
      { text: 'two three' },
      { file: 'photo.JPEG' },
    ]);
  });

  it('takes image:PATH as a picture whether it exists or not', () => {
    expect(items('image:heart.png', 'image:absent.bin')).toEqual([{ file: 'heart.png' }, { file: 'absent.bin' }]);
  });

  it('takes other files as text', () => {
    expect(items('notes.txt')).toEqual([{ text: 'notes.txt' }]);
  });

  it('takes a picture that does not exist as text, and warns', () => {
    expect(readPromptArguments(['hart.png'], exists)).toEqual({
      items: [{ text: 'hart.png' }],
      warnings: [expect.stringContaining('image:hart.png')],
    });
    expect(readPromptArguments(['heart.png', 'a', 'notes.txt'], exists).warnings).toEqual([]);
  });

  it('takes no words as an empty prompt', () => {
    expect(items()).toEqual([]);
  });
});
