/** The codec of models that work on samples: the latent is the sound itself, louder by a fixed gain, channels last. */
import type { SoundCodec, SoundFormat } from './sound-codec.ts';

/**
 * The codec whose latent is `[samples, channels]`, every sample times `gain`. With a power of two for a gain nothing is
 * lost; other gains lose the last bit.
 */
export function createWaveformCodec(format: SoundFormat, { gain }: { readonly gain: number }): SoundCodec {
  const { sampleRate, channels: count } = format;
  return {
    samplesPerFrame: 1,
    latentChannels: count,
    encode({ channels }) {
      const length = channels[0]!.length;
      const data = new Float32Array(length * count);
      for (const [channel, samples] of channels.entries()) {
        for (let index = 0; index < length; index++) data[index * count + channel] = samples[index]! * gain;
      }
      return { shape: [length, count], data };
    },
    decode({ data, shape }) {
      const [length = 0] = shape;
      const channels = Array.from({ length: count }, (_, channel) =>
        Float32Array.from({ length }, (_, index) => clamped(data[index * count + channel]! / gain)),
      );
      return { sampleRate, channels };
    },
  };
}

function clamped(sample: number): number {
  return Math.max(-1, Math.min(1, sample));
}
