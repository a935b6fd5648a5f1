export { AudioClip, type WriteWavOptions } from './audio-clip.ts';
export { type AudioPatchConfig, type LogMelRepresentation, type WaveformRepresentation } from './audio-patch-config.ts';
export { audio } from './audio-plugin.ts';
export { griffinLim, type GriffinLimOptions } from './griffin-lim.ts';
export { createLogMelCodec, type LogMelSettings } from './log-mel-codec.ts';
export { createMelFilterBank, type MelBand, type MelFilterBank, type MelSettings } from './mel-filter-bank.ts';
export type { MelScaleName } from './mel-scale.ts';
export { type AudioSource, patchAudio } from './patch-audio.ts';
export type { RawAudio } from '@transfuse/core/contracts';
export {
  createShortTimeFourier,
  type FrameSettings,
  magnitudesOf,
  type ShortTimeFourier,
  type Spectrogram,
} from './short-time-fourier.ts';
export type { SoundCodec, SoundFormat } from './sound-codec.ts';
export type { WavFormat } from './wav-encoder.ts';
export { createWaveformCodec } from './waveform-codec.ts';
