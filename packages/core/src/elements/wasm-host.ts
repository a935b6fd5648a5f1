/**
 * The part of the WebAssembly interface that is used here, found at run time: TypeScript's libraries without a browser do
 * not declare it, some processors lack the vector instructions, and a page's content security policy may forbid it.
 */

/** Memory that modules and JavaScript share; it never grows, so its buffer stays. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WasmInterface {
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly host: { readonly memory: WasmMemory } },
  ) => { readonly exports: { readonly run: (...values: readonly number[]) => void } };
}

/** Where compiled formulas run. */
export interface WasmHost {
  /** The memory, as 32-bit numbers. */
  readonly memory: Float32Array<ArrayBuffer>;
  /** Starts a module that `wasmModule` has made. */
  start(bytes: Uint8Array): (...values: readonly number[]) => void;
}

const page = 65_536;

/**
 * Makes a host with a memory of its own, of so many bytes or a little more; undefined where there is no such memory, or
 * modules as these cannot run, which a trial `module` shows.
 */
export function wasmHost(trial: Uint8Array, bytes: number): WasmHost | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WasmInterface };
  if (WebAssembly === undefined) return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / page) });
    const start = (module: Uint8Array) =>
      new WebAssembly.Instance(new WebAssembly.Module(module), { host: { memory } }).exports.run;
    start(trial);
    return { memory: new Float32Array(memory.buffer), start };
  } catch {
    return undefined;
  }
}
