/** How a parameter starts: zeros, ones or a normal distribution of mean 0. */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'normal'; readonly standardDeviation: number };

/** One trainable array. */
export interface ParameterDeclaration {
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** Whether decoupled weight decay applies (matrices yes; gains, biases and embeddings no). */
  readonly decay: boolean;
}

/** Trainable arrays by dotted name, for example `blocks.0.attention.qkv.weight`; the order is the order of creation. */
export type ParameterSpec = Readonly<Record<string, ParameterDeclaration>>;
