/**
 * The eager engine: runs tensor functions as they are, on a TensorFlow.js backend. Slower than the compiled engine by
 * far on the plain CPU backend; the reference that the compiled engine is compared with, and the way to any other
 * TensorFlow.js backend.
 */
import { keep, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Engine, TensorStore } from '../contracts/engine.ts';
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { checkCompileOptions, checkOwnStores, checkResult, checkUpdate } from './check-compile.ts';
import { checkFeed, checkKnownInputs, checkStoreTensors, checkStoreWrite, storeSpec } from './check-feed.ts';
import { loadBackend } from './eager/load-backend.ts';
import { registerGradients } from './register-gradients.ts';
import { mapEntries } from './trace/trace-function.ts';
import { compiledWeightFormat, unstorableWeights } from './weight-format.ts';
import { withBackend } from './with-backend.ts';

/** Settings of {@link createEagerEngine}. */
export interface EagerEngineOptions {
  /**
   * `cpu` (default, always there), `wasm` (WebAssembly), `webgpu` (the graphics processor), `tensorflow` (native
   * TensorFlow; `transfuse setup tfjs-node` gets it), or a backend you registered. See docs/engines.md for what each
   * needs.
   */
  readonly backend?: string;
}

/** Creates an eager engine. Throws `engine.unavailable` where the backend cannot be loaded. */
export async function createEagerEngine(options: EagerEngineOptions = {}): Promise<Engine> {
  const backend = options.backend ?? 'cpu';
  const { description, check, release } = await loadBackend(backend);
  registerGradients();
  let disposed = false;
  /** What frozen stores held when their functions were compiled. */
  const copies = new Set<Readonly<Record<string, EagerStore>>>();
  return {
    name: 'eager',
    description,
    createStore(tensors) {
      if (disposed) throw disposedEngine('createStore');
      checkStoreTensors(tensors);
      return new EagerStore(backend, tensors);
    },
    async compile(run, options) {
      const { name, inputs: specs, stores = {}, frozen = [] } = options;
      if (disposed) throw disposedEngine(name);
      checkCompileOptions(options);
      checkOwnStores(options, (store) => store instanceof EagerStore, 'eager');
      const weights = compiledWeightFormat(options);
      if (weights !== 'float32') throw unstorableWeights(name, weights, 'eager');
      let ended = false;
      const kept = mapEntries(
        Object.fromEntries(Object.entries(stores).filter(([store]) => frozen.includes(store))),
        (store) => (store as EagerStore).copy(),
      );
      copies.add(kept);
      return {
        name,
        async run(inputs) {
          if (disposed || ended) throw disposedEngine(name);
          checkKnownInputs(name, specs, inputs);
          const eagerStores = { ...stores, ...kept } as Readonly<Record<string, EagerStore>>;
          const outputs = withBackend(backend, () =>
            tidy(() => {
              const fed = mapEntries(specs, (spec, input) =>
                hostToTensor({ ...spec, data: checkFeed(name, input, spec, inputs[input]) }),
              );
              const result: unknown = run(
                mapEntries(eagerStores, (store) => store.tensors()),
                fed,
              );
              checkResult(name, result);
              const updates = Object.entries(result.updates ?? {});
              for (const [store, values] of updates) {
                for (const [tensor, value] of Object.entries(values)) {
                  checkUpdate(options, store, tensor, value);
                }
              }
              // Clones, because an output or update may be a store's own tensor, and is disposed of by its own owner.
              const outputs = mapEntries(result.outputs, (value) => value.clone());
              const next = updates.map(
                ([store, values]) => [store, mapEntries(values, (value) => value.clone())] as const,
              );
              for (const [store, values] of next) eagerStores[store]!.replace(values);
              return outputs;
            }),
          );
          const read = await Promise.all(
            Object.entries(outputs).map(async ([output, value]) => [output, await tensorToHost(value)] as const),
          );
          for (const value of Object.values(outputs)) value.dispose();
          check();
          return Object.fromEntries(read);
        },
        async dispose() {
          ended = true;
          for (const store of Object.values(kept)) store.dispose();
          copies.delete(kept);
        },
      };
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      for (const kept of copies) for (const store of Object.values(kept)) store.dispose();
      copies.clear();
      release();
    },
  };
}

class EagerStore implements TensorStore {
  readonly specs: Readonly<Record<string, TensorSpec>>;
  readonly #backend: string;
  readonly #tensors: Map<string, Tensor>;

  #disposed = false;

  constructor(
    backend: string,
    tensors: Readonly<Record<string, HostTensor>>,
    specs?: Readonly<Record<string, TensorSpec>>,
  ) {
    this.specs = specs ?? mapEntries(tensors, ({ shape, dtype }) => ({ shape, dtype }));
    this.#backend = backend;
    this.#tensors = withBackend(
      backend,
      () => new Map(Object.entries(tensors).map(([name, value]) => [name, keep(hostToTensor(value))])),
    );
  }

  /** A store with the same values that later changes of this one do not reach. */
  copy(): EagerStore {
    this.#assertLive();
    const copy = new EagerStore(this.#backend, {}, this.specs);
    withBackend(this.#backend, () => {
      for (const [name, value] of this.#tensors)
        copy.#tensors.set(
          name,
          tidy(() => keep(value.clone())),
        );
    });
    return copy;
  }

  #assertLive(): void {
    if (this.#disposed) throw disposedStore(Object.keys(this.specs));
  }

  tensors(): Record<string, Tensor> {
    this.#assertLive();
    return Object.fromEntries(this.#tensors);
  }

  replace(updates: Readonly<Record<string, Tensor>>): void {
    for (const [name, value] of Object.entries(updates)) {
      const old = this.#tensors.get(name);
      this.#tensors.set(name, keep(value.clone()));
      old?.dispose();
    }
  }

  async read(name: string): Promise<HostTensor> {
    this.#assertLive();
    storeSpec(this.specs, name);
    return tensorToHost(this.#tensors.get(name)!);
  }

  write(name: string, value: HostTensor): void {
    checkStoreWrite(this.specs, name, value);
    this.#assertLive();
    withBackend(this.#backend, () => tidy(() => this.replace({ [name]: hostToTensor(value) })));
  }

  dispose(): void {
    this.#disposed = true;
    for (const value of this.#tensors.values()) value.dispose();
    this.#tensors.clear();
  }
}

function hostToTensor({ data, shape, dtype }: HostTensor): Tensor {
  return tensor(data.slice(), [...shape], dtype);
}

async function tensorToHost(value: Tensor): Promise<HostTensor> {
  const data = (await value.data()) as HostTensor['data'];
  return { data: data.slice(), shape: value.shape, dtype: value.dtype as TensorSpec['dtype'] };
}

function disposedStore(names: readonly string[]): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: `tensor store of ${names.slice(0, 8).join(', ')}`,
    found: 'a call after dispose()',
    expected: 'a live store',
    mend: 'Create the store again.',
  });
}

function disposedEngine(name: string): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: `function ${name}`,
    found: 'a call after the engine was disposed of',
    expected: 'a live engine',
    mend: 'Create the engine again.',
  });
}
