/** A seeded stream of random numbers. Everything random in Transfuse comes from one of these, so a seed decides it all. */
export interface RandomSource {
  /** The next number, uniform in [0, 1). */
  uniform(): number;
  /** The next number, normal with mean 0 and variance 1. */
  normal(): number;
  /** Fills an array with normal numbers and returns it. */
  fillNormal(into: Float32Array): Float32Array;
  /** The next integer, uniform in 0 … `below` - 1. */
  integer(below: number): number;
  /** A new independent stream, decided by this one's state and the label. */
  fork(label: string): RandomSource;
  /** The whole state, to be stored in a checkpoint. */
  save(): readonly number[];
  /** Takes up a stored state. */
  restore(state: readonly number[]): void;
}
