// What a generation is asked to make: modalities in order, and for a picture the one it begins from, how far it goes back
// to noise, and which part of it is made anew.
import type { Want } from '@transfuse/core';
import type { RawImage } from '@transfuse/core';
import { TransfuseError } from '@transfuse/core/contracts';
import { readPicture } from './picture.ts';

/** The options that say what is wanted. */
export interface WantedOptions {
  readonly want?: readonly string[];
  /** A picture file. */
  readonly from?: string;
  readonly strength?: number;
  /** A picture file whose white parts are made anew. */
  readonly mask?: string;
}

/** The wants of the options; editing options go with the one picture that is wanted, which `from` implies. */
export async function readWants({ want, from, strength, mask }: WantedOptions): Promise<readonly Want[]> {
  const wanted = want ?? (from === undefined ? [] : ['image']);
  if (from === undefined) {
    if (strength === undefined && mask === undefined) return wanted.map((modality) => ({ want: modality }));
    throw misused(mask === undefined ? '--strength' : '--mask', 'given without --from', 'a picture to begin from');
  }
  if (wanted.length !== 1 || wanted[0] !== 'image') {
    throw misused('--from', `given with --want ${wanted.join(' --want ')}`, 'one wanted image');
  }
  const picture = await readPicture(from);
  return [
    {
      want: 'image',
      from: picture,
      ...(strength !== undefined && { strength }),
      ...(mask !== undefined && { mask: maskOf(await readPicture(mask)) }),
    },
  ];
}

/** White is made anew, black stays; greys are between. */
function maskOf({ width, height, data }: RawImage) {
  const values = Float32Array.from(
    { length: width * height },
    (_, pixel) => (data[pixel * 3]! + data[pixel * 3 + 1]! + data[pixel * 3 + 2]!) / (3 * 255),
  );
  return { data: values, shape: [height, width] };
}

function misused(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'generation.invalid-option',
    place,
    found,
    expected,
    mend: 'For example: --from heart.png --strength 0.5.',
  });
}
