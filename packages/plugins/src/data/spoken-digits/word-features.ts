/*
 * What a spoken word sounds like, as one vector: log-mel loudness of frames of 32 ms (Davis and Mermelstein 1980), cut to
 * where there is sound, stretched to 16 frames, less its mean, so that neither loudness, speed nor silence around it
 * matter much; and the logarithm of how long it was.
 */
import { createPowerSpectrum } from './power-spectrum.ts';
import type { RecordedSound } from './recording-file.ts';

const [windowSeconds, hopSeconds] = [0.032, 0.01];
const [bands, steps] = [20, 16];
/** What a frame needs of the loudest frame's sum of powers to count as sound. */
const audible = 0.001;

/** Numbers per vector. */
export const featureCount = bands * steps + 1;

/** The vector of a word; channels are mixed. */
export function wordFeatures(sound: RecordedSound): Float64Array {
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
function bandFrames({ sampleRate, channels }: RecordedSound): readonly Float64Array[] {
  const length = Math.round(windowSeconds * sampleRate);
  const hop = Math.round(hopSeconds * sampleRate);
  const size = 2 ** Math.ceil(Math.log2(length));
  const spectrum = createPowerSpectrum(size);
  const filters = melFilters(sampleRate, size);
  const total = Math.max(channels[0]!.length, length);
  return Array.from({ length: 1 + Math.floor((total - length) / hop) }, (_, frame) => {
    const windowed = new Float64Array(size);
    for (let at = 0; at < length; at++) {
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / (length - 1));
      for (const samples of channels) windowed[at]! += (window * (samples[frame * hop + at] ?? 0)) / channels.length;
    }
    const powers = spectrum(windowed);
    return Float64Array.from(filters, (weights) =>
      weights.reduce((sum, weight, bin) => sum + weight * powers[bin]!, 0),
    );
  });
}

/** Triangles evenly spaced on the mel scale 2595 log10(1 + f / 700), up to 4000 Hz. */
function melFilters(sampleRate: number, size: number): readonly Float64Array[] {
  const highest = 2595 * Math.log10(1 + Math.min(4000, sampleRate / 2) / 700);
  const corners = Array.from(
    { length: bands + 2 },
    (_, index) => 700 * (10 ** ((highest * index) / (bands + 1) / 2595) - 1),
  );
  return Array.from({ length: bands }, (_, band) =>
    Float64Array.from({ length: size / 2 + 1 }, (__, bin) => {
      const hertz = (bin * sampleRate) / size;
      const [start, peak, end] = [corners[band]!, corners[band + 1]!, corners[band + 2]!];
      return Math.max(0, Math.min((hertz - start) / (peak - start), (end - hertz) / (end - peak)));
    }),
  );
}

/** From the first audible frame to the last. */
function trimmed(frames: readonly Float64Array[]): readonly Float64Array[] {
  const loudness = frames.map((frame) => frame.reduce((sum, power) => sum + power, 0));
  const limit = audible * Math.max(...loudness);
  const heard = loudness.map((power) => power >= limit);
  return frames.slice(heard.indexOf(true), heard.lastIndexOf(true) + 1);
}
