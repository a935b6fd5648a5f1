/** The shape of the transformer; every number is a count unless it says otherwise. */
export interface TransformerConfig {
  /** D, the model width. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Query heads; the head dimension is `width / heads`. */
  readonly heads: number;
  /** Key and value heads (grouped-query attention); equal to `heads` for full attention. */
  readonly keyValueHeads: number;
  /** F, the inner width of the feed-forward. */
  readonly feedForwardWidth: number;
  /** Longest document or prompt, in positions. */
  readonly sequenceLength: number;
  /** Base of the rotary angles; Llama 2: 10,000. */
  readonly ropeBase: number;
  /** `sequence`: rotated by the place in the sequence; `axial`: tokens of a block by their row, column and so on. */
  readonly positions: 'sequence' | 'axial';
  /** Added to the mean square in normalizations. */
  readonly normEpsilon: number;
  /** `rms` normalizes queries and keys per head (Chameleon's stabilization). */
  readonly queryKeyNorm: 'none' | 'rms';
  /** `tied` uses the embedding matrix as language head. */
  readonly head: 'untied' | 'tied';
}
