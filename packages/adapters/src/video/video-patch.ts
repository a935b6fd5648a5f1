/**
 * The adapter `video-patch`: a clip is brought to a fixed rate, length and size, every frame goes through the codec of
 * pictures (its own pixels, or the latents of an autoencoder), and the frames behind each other are the latent `[T, H, W,
 * C]`, cut into boxes in space and time. A still picture is the clip of one frame, so one model can learn from both.
 */
import type { ContinuousAdapter, Engine, Latent, RawImage } from '@transfuse/core/contracts';
import { checkedFit, type FitOptions } from '../image/image-fit.ts';
import type { ImageSizes } from '../image/image-sizes.ts';
import { type LatentCodecConfig, openLatentCodec } from '../image/latent-codec.ts';
import type { PictureCodec } from '../image/picture-codec.ts';
import { createPixelCodec } from '../image/pixel-codec.ts';
import type { GridPatchConfig } from '../patch/grid-patch.ts';
import { type ClipPatch, type ClipShape, clipShapes } from './clip-shapes.ts';
import type { ClipEnding } from './frame-timing.ts';
import { createSpaceTimePatch } from './space-time-patch.ts';
import { type RawClip, VideoClip } from './video-clip.ts';
import { undecodableVideo } from './video-error.ts';

/**
 * What a video segment may hold: a clip, frames that each show for the adapter's `frameDuration`, a picture as a clip of
 * one frame, or a file to read, by its path or its bytes.
 */
export type VideoSource = RawClip | readonly RawImage[] | RawImage | string | Uint8Array;

/** Settings of the `video-patch` adapter. */
export interface VideoPatchConfig extends FitOptions {
  /**
   * How many frames a clip has: one number, or a list of which the first is used where nothing else decides. Each is 1 or
   * a multiple of `patchSize.frames`. A clip goes to the nearest length; only a still goes to 1 where there are others.
   */
  readonly frames: number | readonly number[];
  /** How long a frame shows, in whole milliseconds. Default 125, eight frames a second. */
  readonly frameDuration?: number;
  /** Sizes in pixels, as for pictures. */
  readonly size: ImageSizes;
  /** Frames and pixels of a patch; with a codec the side is in positions of its latent. */
  readonly patchSize: ClipPatch;
  /** What becomes of a clip that is shorter than its length: its last frame stays, or it begins again. Default `hold`. */
  readonly ending?: ClipEnding;
  /** Whether learned vectors of a patch's frame, row and column are added to its token. Default `learned`. */
  readonly positions?: GridPatchConfig['positions'];
}

/** Settings of the `video-patch` adapter on the latents of an autoencoder, frame by frame. */
export interface LatentVideoPatchConfig extends VideoPatchConfig {
  readonly codec: LatentCodecConfig;
}

/**
 * Creates the `video-patch` adapter on pixels: `frames / patchSize.frames` times rows times columns of tokens.
 *
 * @throws `config.invalid` for the settings, `latent.unsupported-shape` where patches do not fill a size
 *
 * @example
 * ```ts
 * import { videoPatch } from '@transfuse/adapters/video';
 * const videos = videoPatch({ frames: [8, 1], size: 16, patchSize: { frames: 2, side: 8 } });
 * const still = { width: 20, height: 20, data: new Uint8Array(1200) };
 * console.assert((await videos.encode(still)).shape.join() === '1,16,16,3');
 * console.assert((await videos.encode([still, still])).shape.join() === '8,16,16,3');
 * console.assert(videos.tokenGrid([8, 16, 16, 3]).join() === '4,2,2');
 * ```
 */
export function videoPatch(config: VideoPatchConfig): ContinuousAdapter {
  return createVideoAdapter(createPixelCodec(), config);
}

/**
 * Creates the `video-patch` adapter on the latents of an autoencoder of pictures, which sees every frame by itself. The
 * adapter holds the autoencoder until its `dispose`; the engine stays the caller's. With the `assets` of a checkpoint the
 * autoencoder must be the one that its model was trained on.
 *
 * @throws as {@link videoPatch}, and `checkpoint.not-found`, `checkpoint.invalid`, `tensor-file.malformed` for the
 *   codec's folder, `image.unsupported-size` for a size it cannot scale down, `engine.unavailable` without an engine
 */
export async function latentVideoPatch(
  { codec, ...config }: LatentVideoPatchConfig,
  engine: Engine | undefined,
  { assets = {} }: { readonly assets?: Readonly<Record<string, Uint8Array>> } = {},
): Promise<ContinuousAdapter> {
  return createVideoAdapter(await openLatentCodec(codec, { engine, assets, modality: 'video' }), config);
}

function createVideoAdapter(codec: PictureCodec, config: VideoPatchConfig): ContinuousAdapter {
  const { frames, size, patchSize, frameDuration = 125, ending = 'hold', positions = 'learned', ...options } = config;
  const fit = checkedFit(options);
  const shapes = clipShapes({ frames, frameDuration, size, patchSize });
  const latentShapeOf = (shape: ClipShape) => [shape.frames, ...codec.latentShape(shape)];
  const latentShapes = shapes.all.map(latentShapeOf);
  const half = createSpaceTimePatch({ patchSize, latentShapes, positions });
  for (const shape of latentShapes) half.tokenGrid(shape); // throws where patches do not fill it
  return {
    kind: 'continuous',
    modality: 'video',
    defaultLatentShape: latentShapes[0]!,
    latentShapes,
    latentShape: (asked) => latentShapeOf(shapes.forRequest(asked)),
    async encode(raw, { signal } = {}) {
      const sampling = { frameDuration, maximumFrames: shapes.maximumFrames };
      const clip = await toClip(raw, { frameDuration, background: fit.background, sampling });
      const shape = shapes.forClip(clip);
      const timed = clip.resample({ frames: shape.frames, frameDuration, ending });
      const sized = await timed.resize(shape, fit);
      return stacked(
        await eachOnce(sized.frames, (frame) => codec.encode(frame, signal === undefined ? {} : { signal })),
      );
    },
    async decode({ data, shape: [count = 1, ...picture] }) {
      const values = data.length / count;
      const pictures: RawImage[] = [];
      for (let index = 0; index < count; index++) {
        pictures.push(
          await codec.decode({ data: data.subarray(index * values, (index + 1) * values), shape: picture }),
        );
      }
      return VideoClip.from({ frames: pictures, delays: pictures.map(() => (count === 1 ? 0 : frameDuration)) });
    },
    ...half,
    assets: () => codec.assets?.() ?? {},
    dispose: () => codec.dispose(),
  };
}

async function toClip(
  source: unknown,
  { frameDuration, ...reading }: { readonly frameDuration: number } & NonNullable<Parameters<typeof VideoClip.read>[1]>,
): Promise<VideoClip> {
  if (source instanceof VideoClip) return source;
  if (typeof source === 'string' || source instanceof Uint8Array) return VideoClip.read(source, reading);
  if (Array.isArray(source)) {
    return VideoClip.from({ frames: source as RawImage[], delays: source.map(() => frameDuration) });
  }
  if (typeof source === 'object' && source !== null) {
    if ('frames' in source && 'delays' in source) return VideoClip.from(source as RawClip);
    if ('data' in source) return VideoClip.still(source as RawImage);
  }
  throw undecodableVideo('video segment', {
    found: String(source),
    expected: 'a clip { frames, delays }, a list of pictures, a picture, a path, or the bytes of a video file',
  });
}

/** The latents of frames, those that show several times encoded once. */
async function eachOnce(
  frames: readonly RawImage[],
  encode: (frame: RawImage) => Promise<Latent>,
): Promise<readonly Latent[]> {
  const known = new Map<RawImage, Latent>();
  for (const frame of frames) if (!known.has(frame)) known.set(frame, await encode(frame));
  return frames.map((frame) => known.get(frame)!);
}

/** Latents `[H, W, C]` behind each other. @returns `[T, H, W, C]` */
function stacked(latents: readonly Latent[]): Latent {
  const [{ data: first, shape }] = latents as [Latent, ...Latent[]];
  const data = new Float32Array(latents.length * first.length);
  for (const [index, latent] of latents.entries()) data.set(latent.data, index * first.length);
  return { data, shape: [latents.length, ...shape] };
}
