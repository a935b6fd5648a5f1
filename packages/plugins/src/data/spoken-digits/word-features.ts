/*
 * What a spoken word sounds like, as one vector: log-mel loudness of frames of 32 ms (Davis and Mermelstein 1980), cut to
 * where there is sound, stretched to 16 frames, less its mean, so that neither loudness, speed nor silence around it
 * matter much; and the logarithm of how long it was.
 */
import type { RawAudio } from '@transfuse/core/contracts';
import { createPowerSpectrum } from './power-spectrum.ts';

const [windowSeconds, hopSeconds] = [0.032, 0.01];
const [bands, steps] = [20, 16];
/** What a frame needs of the loudest frame's sum of powers to count as sound. */
const audible = 0.001;

/** Numbers per vector. */
export const featureCount = bands * steps + 1;

/** The vector of a word; channels are mixed. */
export function wordFeatures(sound: RawAudio): Float64Array {
  const frames = trimmed(bandFrames(sound));
  const loudest = Math.max(1e-20, ...frames.map((frame) => Math.max(...frame)));
  const logarithms = frames.map((frame) => frame.map((power) => 0.5 * Math.log(power + 1e-5 * loudest)));
  const features = new Float64Array(featureCount);
  for (let step = 0; step < steps; step++) {
    const at = (step / (steps - 1)) * (frames.length - 1);
    const [before, after] = [Math.floor(at), Math.ceil(at)];
    for (let band = 0; band < bands; band++) {
      const [left, right] = [logarithms[before]![band]!, logarithms[after]![band]!];
      features[step * bands + band] = left + (right - left) * (at - before);
    }
  }
  const mean = features.reduce((sum, value) => sum + value, 0) / (bands * steps);
  for (let index = 0; index < bands * steps; index++) features[index]! -= mean;
  features[featureCount - 1] = Math.log(frames.length);
  return features;
}

/** Powers in mel bands, frame by frame. */
function bandFrames({ sampleRate, channels }: RawAudio): readonly Float64Array[] {
  const length = Math.round(windowSeconds * sampleRate);
  const hop = Math.round(hopSeconds * sampleRate);
  const size = 2 ** Math.ceil(Math.log2(length));
  const spectrum = createPowerSpectrum(size);
  const filters = melFilters(sampleRate, size);
  const window = Float64Array.from(
    { length },
    (_, at) => (0.5 - 0.5 * Math.cos((2 * Math.PI * at) / (length - 1))) / channels.length,
  );
  const total = Math.max(channels[0]!.length, length);
  return Array.from({ length: 1 + Math.floor((total - length) / hop) }, (_, frame) => {
    const start = frame * hop;
    const windowed = new Float64Array(size);
    for (const samples of channels) {
      const end = Math.min(length, samples.length - start);
      for (let at = 0; at < end; at++) windowed[at]! += window[at]! * samples[start + at]!;
    }
    const powers = spectrum(windowed);
    return Float64Array.from(filters, ({ first, weights }) => {
      let sum = 0;
      for (let index = 0; index < weights.length; index++) sum += weights[index]! * powers[first + index]!;
      return sum;
    });
  });
}

interface MelFilter {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Triangles evenly spaced on the mel scale 2595 log10(1 + f / 700), up to 4000 Hz. */
function melFilters(sampleRate: number, size: number): readonly MelFilter[] {
  const highest = 2595 * Math.log10(1 + Math.min(4000, sampleRate / 2) / 700);
  const corner = (index: number) => 700 * (10 ** ((highest * index) / (bands + 1) / 2595) - 1);
  const step = sampleRate / size;
  return Array.from({ length: bands }, (_, band) => {
    const [start, peak, end] = [corner(band), corner(band + 1), corner(band + 2)];
    const first = Math.ceil(start / step);
    const weights = Float64Array.from({ length: Math.max(0, Math.floor(end / step) - first + 1) }, (__, index) => {
      const hertz = (first + index) * step;
      return Math.max(0, Math.min((hertz - start) / (peak - start), (end - hertz) / (end - peak)));
    });
    return { first, weights };
  });
}

/** From the first audible frame to the last. */
function trimmed(frames: readonly Float64Array[]): readonly Float64Array[] {
  const loudness = frames.map((frame) => frame.reduce((sum, power) => sum + power, 0));
  const limit = audible * Math.max(...loudness);
  const heard = loudness.map((power) => power >= limit);
  return frames.slice(heard.indexOf(true), heard.lastIndexOf(true) + 1);
}
