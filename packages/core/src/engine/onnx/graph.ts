/**
 * A computation graph in ONNX's terms, as plain data: what tracing builds, what passes rewrite and what
 * {@link encodeOnnx} writes. Values are identified by name; every name is assigned once.
 */

/**
 * Element types of graph values: the engine's own; int64, which ONNX wants for shapes and axes; and those that weights are
 * stored in.
 */
export type OnnxDType = 'float32' | 'int32' | 'bool' | 'int64' | 'float16' | 'int8' | 'uint8';

/** An attribute of a node. Integers and floats are told apart by the field that holds them. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] };

/** One operator application. */
export interface OnnxNode {
  readonly op: string;
  /** Empty for the ONNX standard, otherwise for example `com.microsoft`. */
  readonly domain: string;
  /** Value names; an empty string leaves out an optional input. */
  readonly inputs: readonly string[];
  /** Value names; an empty string leaves out an optional output. */
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** The line of user code that made it, or whose gradient it is; for profiles. */
  readonly source?: string;
}

/** A named value with its type. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: OnnxDType;
}

/** A constant. */
export interface OnnxInitializer extends OnnxValue {
  /** Little-endian element bytes, row-major. */
  readonly bytes: Uint8Array;
}

/** A whole graph. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Name of one more result, before all others: a sequence of no tensors. */
  readonly emptySequence?: string;
  /** Floating-point operations of its matrix products in one run: what decides how many threads are worth waking. */
  readonly work: number;
  /** Shapes of values as far as tracing knew them, for passes that need one; inputs, outputs and constants say their own. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
}
