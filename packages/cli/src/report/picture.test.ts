import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { picture } from './picture.ts';

const pngOf = (text: string): Buffer => Buffer.from(/base64,([^"]+)"/u.exec(text)?.[1] ?? '', 'base64');

describe('picture', () => {
  it('holds exactly the pixels it was given', async () => {
    const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, index) => (index * 37) % 256);
    const { text } = await picture({ width: 5, height: 4, data }, { alt: 'noise', place: 'p' });
    const back = await sharp(pngOf(text)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([back.info.width, back.info.height, back.info.channels]).toEqual([5, 4, 3]);
    expect(Uint8Array.from(back.data)).toEqual(data);
  });

  it('enlarges small pictures by a whole factor and limits large ones', async () => {
    const sizeOf = async (width: number, height: number) => {
      const { text } = await picture(
        { width, height, data: new Uint8Array(width * height * 3) },
        { alt: '', place: 'p' },
      );
      return /class="(\w+)".* width="(\d+)" height="(\d+)"/u.exec(text)?.slice(1);
    };
    expect(await sizeOf(32, 16)).toEqual(['pixels', '96', '48']);
    expect(await sizeOf(28, 28)).toEqual(['pixels', '84', '84']);
    expect(await sizeOf(64, 64)).toEqual(['pixels', '64', '64']);
    expect(await sizeOf(512, 256)).toEqual(['photo', '256', '128']);
  });

  it('keeps a hostile description inside its attribute', async () => {
    const image = { width: 1, height: 1, data: new Uint8Array(3) };
    const { text } = await picture(image, { alt: '" onerror="alert(1)', place: 'p' });
    expect(text).toContain('alt="&quot; onerror=&quot;alert(1)"');
  });

  it('names the picture whose size and data disagree', async () => {
    const broken = { width: 2, height: 2, data: new Uint8Array(16) };
    await expect(picture(broken, { alt: '', place: 'trained[2].generated[0]' })).rejects.toMatchObject({
      code: 'image.undecodable',
      place: 'report.trained[2].generated[0]',
      found: '2 by 2 pixels with 16 bytes',
    });
  });
});
