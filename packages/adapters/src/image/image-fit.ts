/*
 * How a picture is brought into a frame of another shape: cut, with bars, or stretched. Resampling is sharp's, always
 * with the Lanczos kernel of three lobes (where a picture grows, with the cubic interpolator that sharp pairs with it),
 * on the stored sRGB values.
 */
import { nearestName, type RawImage, TransfuseError } from '@transfuse/core/contracts';
import sharp from 'sharp';
import { checkedColour } from './image-colour.ts';
import { rasterize } from './image-decoding.ts';
import type { ImageSize } from './image-sizes.ts';

/** Every way of fitting a picture into a frame. */
export const imageFits = ['cover', 'contain', 'stretch'] as const satisfies readonly ImageFit[];

/**
 * `cover`: scaled until it covers the frame, and cut to it. `contain`: scaled until all of it is inside, in the middle,
 * with bars on the rest. `stretch`: each side by itself, which changes the proportions.
 */
export type ImageFit = 'cover' | 'contain' | 'stretch';

/** Every part of a picture that `cover` may keep. */
export const imagePositions = [
  'centre',
  'top',
  'bottom',
  'left',
  'right',
  'attention',
  'entropy',
] as const satisfies readonly ImagePosition[];

/**
 * Which part `cover` keeps: around the centre, at a side, where there are strong edges, saturated colours and skin tones
 * (`attention`), or where there is most to see (`entropy`). The last two are sharp's own measures.
 */
export type ImagePosition = 'centre' | 'top' | 'bottom' | 'left' | 'right' | 'attention' | 'entropy';

/** How a picture is brought to another size. */
export interface FitOptions {
  /** Default `cover`. */
  readonly fit?: ImageFit;
  /** What `cover` keeps; the other fits keep everything, and take no notice. Default `centre`. */
  readonly position?: ImagePosition;
  /** Colour of the bars of `contain`, as `#rrggbb`. Default `#ffffff`. */
  readonly background?: string;
}

/** The options with their defaults. Throws `config.invalid` where one of them is none there is. */
export function checkedFit({
  fit = 'cover',
  position = 'centre',
  background = '#ffffff',
}: FitOptions): Required<FitOptions> {
  if (!imageFits.includes(fit)) throw unknownWord('fit', fit, imageFits);
  if (!imagePositions.includes(position)) throw unknownWord('position', position, imagePositions);
  return { fit, position, background: checkedColour(background, 'background') };
}

/** The picture at this size. @param options as {@link checkedFit} gives them */
export async function fitted(
  image: RawImage,
  { width, height }: ImageSize,
  options: Required<FitOptions>,
): Promise<RawImage> {
  const { fit, position, background } = options;
  const [frame] = await rasterize(
    sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } }).resize({
      width,
      height,
      fit: fit === 'stretch' ? 'fill' : fit,
      position: fit === 'cover' ? position : 'centre',
      background,
      kernel: 'lanczos3',
    }),
  );
  return frame!;
}

function unknownWord(place: string, found: unknown, known: readonly string[]): TransfuseError {
  const meant = typeof found === 'string' ? nearestName(found, known) : undefined;
  return new TransfuseError({
    code: 'config.invalid',
    place,
    found: JSON.stringify(found) ?? String(found),
    expected: `one of ${known.join(', ')}`,
    mend: meant === undefined ? `Leave it out for ${known[0]}.` : `Did you mean ${meant}?`,
  });
}
