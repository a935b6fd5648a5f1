// What a generation is asked to make: modalities in order, how large, and for a picture, a sound or a clip the one it
// begins from, how far it goes back to noise, and which part of a picture is made anew.
import type { RawImage, Want } from '@transfuse/core';
import { TransfuseError } from '@transfuse/core/contracts';
import type { SizeArgument } from '../arguments/size-argument.ts';
import { type MediumFile, media, mediumOfFile } from '../media/media.ts';
import { mediumIn, namedFile } from '../media/named-file.ts';
import { picture } from '../media/picture.ts';

/** The options that say what is wanted. */
export interface WantedOptions {
  readonly want?: readonly string[];
  /** How large what is wanted shall be, texts left out. */
  readonly size?: SizeArgument;
  /** A file of the wanted modality. */
  readonly from?: string;
  readonly strength?: number;
  /** A picture file whose white parts are made anew. */
  readonly mask?: string;
}

/**
 * The wants of the options. Editing options go with the one value that is wanted, whose modality `from` implies.
 *
 * @param modalities those of the model, where they are known
 * @throws TransfuseError `generation.invalid-option` for options that do not go together, and what reading files throws
 */
export async function readWants(
  { want, size, from, strength, mask }: WantedOptions,
  modalities?: readonly string[],
): Promise<readonly Want[]> {
  const begin = from === undefined ? undefined : beginningFile(from, want, modalities);
  const wanted = want ?? (begin === undefined ? [] : [begin.medium.modality]);
  const sized = wanted.filter((modality) => modality !== 'text');
  if (size !== undefined && sized.length === 0) {
    throw misused(
      '--size',
      'nothing wanted that has a size',
      '--want of a picture, a sound, a clip or another such modality',
      sizeExample,
    );
  }
  if (begin === undefined) {
    if (strength !== undefined || mask !== undefined) {
      const place = mask === undefined ? '--strength' : '--mask';
      throw misused(place, 'given without --from', 'a file to begin from', editExample);
    }
    return wanted.map((modality) => ({ want: modality, ...(size !== undefined && modality !== 'text' && { size }) }));
  }
  if (mask !== undefined && begin.medium !== picture) {
    throw misused('--mask', `given for a ${begin.medium.noun.one}`, 'a wanted picture', editExample);
  }
  return [
    {
      want: begin.medium.modality,
      ...(size !== undefined && { size }),
      from: await begin.medium.read(begin.file),
      ...(strength !== undefined && { strength }),
      ...(mask !== undefined && { mask: maskOf(await picture.read(mask)) }),
    },
  ];
}

/** The file to begin from, read as what is wanted. */
function beginningFile(
  from: string,
  want: readonly string[] | undefined,
  modalities: readonly string[] | undefined,
): MediumFile {
  const prefixed = namedFile(from, { modalities });
  const file = prefixed?.file ?? from;
  const [only, ...others] = want ?? [];
  const medium =
    only === undefined ? (prefixed?.medium ?? mediumOfFile(file, modalities)) : mediumIn(only, file, modalities);
  const agrees = prefixed === undefined || prefixed.medium.modality === medium?.modality;
  if (medium !== undefined && others.length === 0 && agrees) return { file, medium };
  const usual = media.map(({ modality }) => modality);
  const names = (modalities ?? usual).filter((modality) => modality !== 'text').join(', ');
  if (want === undefined) {
    throw misused('--from', `the file ${from}, of an unknown kind`, `--want with one of ${names}`, editExample);
  }
  const found = agrees ? `given with --want ${want.join(' --want ')}` : `${from} with --want ${only}`;
  throw misused('--from', found, `one wanted modality out of ${names}, and a file of it`, editExample);
}

/** White is made anew, black stays; greys are between. */
function maskOf({ width, height, data }: RawImage) {
  const values = Float32Array.from(
    { length: width * height },
    (_, pixel) => (data[pixel * 3]! + data[pixel * 3 + 1]! + data[pixel * 3 + 2]!) / (3 * 255),
  );
  return { data: values, shape: [height, width] };
}

const editExample = 'For example: --want image --from heart.png --strength 0.5.';
const sizeExample = `For example: --want image --size 48x32, --want audio --size 1.5s, or for a modality of your own, in its words: --want points --size '{"points":512}'.`;

function misused(place: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'generation.invalid-option', place, found, expected, mend });
}
