/**
 * The plugin that brings the audio modality. Its adapter `audio-patch` works on samples or on log-mel spectra; the
 * trainable half is the paper's linear patch encoder and decoder along time either way.
 */
import type { Contribution, Plugin } from '@transfuse/core/contracts';
import { type AudioPatchConfig, audioPatchSchema } from './audio-patch-config.ts';
import { patchAudio } from './patch-audio.ts';

const audioPatch: Contribution<'continuous-adapter'> = {
  kind: 'continuous-adapter',
  name: 'audio-patch',
  description: 'Sounds as patches along time, of samples or of log-mel spectra, through one linear layer.',
  configSchema: audioPatchSchema,
  create: (config) => patchAudio(config as AudioPatchConfig),
};

/**
 * The audio plugin: `plugins: [audio]`, then `modalities: { audio: { adapter: 'audio-patch', sampleRate: 8000, durations:
 * [0.5, 1], representation: { kind: 'log-mel', windowLength: 256, hop: 64 } } }`.
 *
 * @example
 * ```ts
 * import { audio } from '@transfuse/adapters/audio';
 * console.assert(audio.manifest.provides.includes('continuous-adapter:audio-patch'));
 * ```
 */
export const audio: Plugin = {
  manifest: {
    name: '@transfuse/adapters/audio',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['continuous-adapter:audio-patch'],
  },
  contributions: [audioPatch],
};
