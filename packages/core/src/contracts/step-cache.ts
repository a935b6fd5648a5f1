/** The network's (guided) output at an evaluation that was really made. */
export interface EvaluatedOutput {
  /** 0 (clean) to 1 (noise). */
  readonly time: number;
  readonly output: Float32Array;
}

/** Replaces some evaluations of the network by forecasts from earlier ones. */
export interface StepCache {
  readonly name: string;
  /** How many evaluated outputs a forecast reads, at least 1. */
  readonly history: number;
  /** Whether evaluation `index` of `of` is made; the first always is. */
  evaluates(index: number, of: number): boolean;
  /** The output at a time, from evaluated ones, the latest first; at least one, at most `history`. Pure. */
  forecast(evaluated: readonly EvaluatedOutput[], time: number): Float32Array;
  /** The settings this cache was created with. */
  readonly config: Readonly<Record<string, unknown>>;
}
