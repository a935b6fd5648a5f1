// The part of the WebAssembly interface that is used here, found at run time: TypeScript's libraries without a browser do
// not declare it, some processors lack the vector instructions, and a page's content security policy may forbid it.

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
  readonly memory: Float32Array;
  /** Starts a module that `wasmModule` has made. */
  start(bytes: Uint8Array): (...values: readonly number[]) => void;
}

const pages = 16; // of 64 KiB: what a processor's core has of cache; larger arrays are taken in pieces

/** Makes a host with a memory of its own; undefined where modules as these cannot run, which a trial `module` shows. */
export function wasmHost(trial: Uint8Array): WasmHost | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WasmInterface };
  if (WebAssembly === undefined) return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: pages });
    const start = (bytes: Uint8Array) =>
      new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory } }).exports.run;
    start(trial);
    return { memory: new Float32Array(memory.buffer), start };
  } catch {
    return undefined;
  }
}
