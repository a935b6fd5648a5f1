/** A sound in memory: samples of every channel, all of one length. Full scale is -1 to 1; decoders may overshoot it a little. */
export interface RawAudio {
  /** Samples per second. */
  readonly sampleRate: number;
  /** One array per channel, left before right, each of the same number of samples. */
  readonly channels: readonly Float32Array[];
}
