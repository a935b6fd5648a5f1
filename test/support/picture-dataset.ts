/** A data set of a few pictures held in memory, as a plugin: for tests that need to know every pixel. */
import type { Dataset, DatasetSplit, Plugin, RawImage } from '@transfuse/core';

/** A picture with its only caption. */
export interface CaptionedPicture {
  readonly caption: string;
  readonly image: RawImage;
}

/** The plugin; the data set is called `pictures`. */
export function picturePlugin(pictures: readonly CaptionedPicture[]): Plugin {
  const train: DatasetSplit = {
    name: 'train',
    length: pictures.length,
    item: (index) => {
      const { caption, image } = pictures[index]!;
      return {
        id: caption,
        segments: [
          { modality: 'text', value: caption },
          { modality: 'image', value: image },
        ],
      };
    },
  };
  const dataset: Dataset = {
    name: 'pictures',
    train,
    heldOut: [],
    texts: () => pictures.map(({ caption }) => caption),
  };
  return {
    manifest: { name: 'test-pictures', version: '0.0.0', api: '^1.0.0', provides: ['dataset:pictures'] },
    contributions: [
      {
        kind: 'dataset',
        name: 'pictures',
        description: 'A few pictures in memory.',
        configSchema: { type: 'object', properties: {}, additionalProperties: false },
        create: () => ({ name: 'pictures', prepare: async () => dataset }),
      },
    ],
  };
}

/** Eight 16 x 16 pictures of two shapes, two colours and two backgrounds, with captions that say so. */
export function eightPictures(): CaptionedPicture[] {
  const colours = { red: [220, 40, 40], blue: [40, 80, 220] } as const;
  const grounds = { white: [255, 255, 255], black: [10, 10, 10] } as const;
  const shapes = {
    disc: (x: number, y: number) => Math.hypot(x - 7.5, y - 7.5) < 6,
    cross: (x: number, y: number) => Math.abs(x - 7.5) < 2.5 || Math.abs(y - 7.5) < 2.5,
  };
  const size = 16;
  const pictures: CaptionedPicture[] = [];
  for (const [shape, inside] of Object.entries(shapes)) {
    for (const [colour, ink] of Object.entries(colours)) {
      for (const [ground, paper] of Object.entries(grounds)) {
        const data = new Uint8Array(size * size * 3);
        for (let pixel = 0; pixel < size * size; pixel++) {
          data.set(inside(pixel % size, Math.floor(pixel / size)) ? ink : paper, pixel * 3);
        }
        pictures.push({ caption: `a ${colour} ${shape} on ${ground}`, image: { width: size, height: size, data } });
      }
    }
  }
  return pictures;
}
