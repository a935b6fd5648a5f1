import type { RandomSource } from '@transfuse/core/contracts';
import { describe, expect, it } from 'vitest';
import { canonicalCaption, captionForms, drawCaption, emojiId, emojiLabel, parseEmojiId } from './emoji-caption.ts';

const redHeart = { style: 'noto', label: 'red heart' } as const;
const drawn = (uniform: number) => drawCaption(redHeart, { uniform: () => uniform } as RandomSource);

describe('emoji captions', () => {
  it('name the label, then the style', () => {
    expect(canonicalCaption(redHeart)).toBe('red heart, noto style');
  });

  it.each([
    ['keycap: 5', 'keycap 5'],
    ['keycap: #', 'keycap #'],
    ['Aries', 'aries'],
    ['waving hand: light skin tone', 'waving hand, light skin tone'],
    ['woman: light skin tone, beard', 'woman, light skin tone, beard'],
    ["six o'clock", 'six o’clock'],
  ])('write the short name %s as plain lower-case words', (shortName, label) => {
    expect(emojiLabel(shortName)).toBe(label);
    expect(emojiLabel(label)).toBe(label);
  });

  it('are canonical in 70 % of draws, bare in 15 % and style first in 15 %', () => {
    expect([drawn(0), drawn(0.699)]).toEqual(Array(2).fill('red heart, noto style'));
    expect([drawn(0.701), drawn(0.849)]).toEqual(Array(2).fill('red heart'));
    expect([drawn(0.851), drawn(1 - 2 ** -53)]).toEqual(Array(2).fill('noto style red heart'));
    expect(captionForms(redHeart).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });
});

describe('emoji ids', () => {
  it('can be taken apart again', () => {
    expect(emojiId(redHeart)).toBe('noto/red heart');
    expect(parseEmojiId('noto/red heart')).toEqual(redHeart);
  });

  it.each(['red heart', 'openmoji/red heart', '/red heart', 'noto/', 'noto', ''])('are not %j', (id) => {
    expect(parseEmojiId(id)).toBeUndefined();
  });
});
