import { describe, expect, it } from 'vitest';
import { normalizedCode } from './emoji-catalogue.ts';
import { openDrawings } from './emoji-drawings.ts';
import { locatePackage, stylePackages } from './emoji-packages.ts';
import { renderEmoji } from './emoji-renderer.ts';
import { emojiStyles } from './emoji-style.ts';

describe('the drawings', () => {
  it.each(emojiStyles)('of a heart in the style %s is found with and without its variation selector', async (style) => {
    const find = await openDrawings(style, await locatePackage(stylePackages[style], [import.meta.url]));
    expect(find(normalizedCode('2764-FE0F'))).toBeDefined();
    expect(find(normalizedCode('2764'))).toBeDefined();
  });

  it('are undefined where a style lacks one', async () => {
    const found = await locatePackage(stylePackages['fluent-flat'], [import.meta.url]);
    expect((await openDrawings('fluent-flat', found))('1f1ee-1f1f8')).toBeUndefined();
  });

  it('keep their proportions: a tall one leaves white at the sides', async () => {
    const tall = (side: number) =>
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20" width="${side}" height="${side}"><rect width="10" height="20"/></svg>`;
    const pixels = await renderEmoji([{ picture: { style: 'noto', label: 'tall' }, drawing: { svg: tall } }], {
      size: 8,
    });
    const row = Array.from({ length: 8 }, (_, x) => pixels[(4 * 8 + x) * 3]);
    expect(row).toEqual([255, 255, 0, 0, 0, 0, 255, 255]);
  });

  it('lie over white where they are transparent', async () => {
    const half = (side: number) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="${side / 2}" height="${side}" fill="#f00"/></svg>`;
    const pixels = await renderEmoji([{ picture: { style: 'noto', label: 'half' }, drawing: { svg: half } }], {
      size: 8,
    });
    expect([...pixels.subarray(0, 3), ...pixels.subarray(21, 24)]).toEqual([255, 0, 0, 255, 255, 255]);
  });

  it('are named where they cannot be rendered', async () => {
    const broken = { picture: { style: 'noto', label: 'broken' } as const, drawing: { svg: () => '<svg' } };
    await expect(renderEmoji([broken], { size: 8 })).rejects.toMatchObject({
      code: 'dataset.unavailable',
      place: 'data set emoji, picture noto/broken',
    });
  });
});
