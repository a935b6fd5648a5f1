export type { VideoSampling } from './container-video.ts';
export type { ClipPatch } from './clip-shapes.ts';
export { type ClipEnding, type ClipTiming, shownFrames } from './frame-timing.ts';
export { type RawClip, VideoClip, type WriteClipOptions } from './video-clip.ts';
export {
  latentVideoPatch,
  type LatentVideoPatchConfig,
  videoPatch,
  type VideoPatchConfig,
  type VideoSource,
} from './video-patch.ts';
export { video } from './video-plugin.ts';
export type { ReadVideoOptions } from './video-reading.ts';
