import type { HostTensor, NamedTensors, TensorSpec } from './tensors.ts';

/**
 * Named tensors that live in the engine between runs: parameters, optimizer state, a key/value cache. A store is
 * read and written from JavaScript by name; compiled functions take it as input and may replace its values.
 */
export interface TensorStore {
  readonly specs: Readonly<Record<string, TensorSpec>>;
  /** The current values, copied. */
  read(name: string): Promise<HostTensor>;
  /** Replaces a tensor's values; shape and dtype must match. */
  write(name: string, value: HostTensor): void;
  /** Releases the values; nothing may use the store afterwards. */
  dispose(): void;
}

/** What a tensor function returns: results for the caller, and new values for tensors of its stores. */
export interface TensorFunctionResult {
  readonly outputs: NamedTensors;
  /** New values by store name and tensor name. */
  readonly updates?: Readonly<Record<string, NamedTensors>>;
}

/** A pure function in TensorFlow.js ops. No reading of values, no randomness, shapes decided by the inputs' shapes. */
export type TensorFunction = (
  stores: Readonly<Record<string, NamedTensors>>,
  inputs: NamedTensors,
) => TensorFunctionResult;

/**
 * How frozen weights are stored: as they are; as float16 (half the size, computed in float32); as 8-bit or 4-bit integers
 * with a scale for every 32 of them (about a quarter and a seventh of the size).
 */
export type WeightFormat = 'float32' | 'float16' | 'int8' | 'int4';

/** How a tensor function is prepared. */
export interface CompileOptions {
  /** For messages, profiles and cache files. */
  readonly name: string;
  /** Shape and dtype of every input. */
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** The stores it reads and updates, by the name the function knows them by. */
  readonly stores?: Readonly<Record<string, TensorStore>>;
  /**
   * Names of stores whose values are those of now as long as the function lives: baked in, so they can be laid out ahead of
   * time. The function cannot update them.
   */
  readonly frozen?: readonly string[];
  /**
   * How matrices of frozen stores are stored that others are multiplied by, or rows are picked from; default `float32`. The
   * rest stays as it is. Anything else needs a frozen store and an engine that can: `config.invalid` otherwise.
   */
  readonly weights?: WeightFormat;
}

/** A tensor function ready to run. */
export interface CompiledFunction {
  readonly name: string;
  /**
   * Runs once, after whatever was called before it. Inputs are read where they are: leave them unchanged until the run has
   * ended. The returned arrays are the engine's own, and are written again by the run after the next one of this function,
   * so that a result may be fed to the next run.
   */
  run(inputs: Readonly<Record<string, HostTensor['data']>>): Promise<Readonly<Record<string, HostTensor>>>;
  /** Releases what was compiled; `run` throws `host.disposed` afterwards. The stores stay. */
  dispose(): Promise<void>;
}

/** Runs tensor functions: eagerly on a TensorFlow.js backend, or traced and compiled. */
export interface Engine {
  /** `compiled`, `eager`, or the name a plugin contributes it under. */
  readonly name: string;
  /** What runs underneath, for logs: `ONNX Runtime 1.30.0, cpu, 2 threads`. */
  readonly description: string;
  /** Takes tensors into the engine; their values are copied. */
  createStore(tensors: Readonly<Record<string, HostTensor>>): TensorStore;
  /** Prepares a function to run. Throws `engine.untraceable`, `engine.unsupported-op` or `engine.failed` where it cannot. */
  compile(run: TensorFunction, options: CompileOptions): Promise<CompiledFunction>;
  /** Releases the engine and every function it compiled. */
  dispose(): Promise<void>;
}
