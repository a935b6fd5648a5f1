/**
 * The compiled engine's store on a graphics processor: what a function writes stays on the device and is read there by
 * the next one, so a training run moves its parameters once. Values come back to JavaScript only where somebody asks for
 * them. What JavaScript writes is handed over with the next run.
 */
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';
import { elementCount, storeSpec } from './check-feed.ts';
import { CompiledStore } from './compiled-store.ts';
import type { InTurn } from './in-turn.ts';
import type { RuntimeTensor, TensorRuntime } from './onnx-runtime.ts';
import type { RuntimeStore } from './runtime-store.ts';

/** Copies a tensor from the device to JavaScript memory. */
export type Download = (tensor: RuntimeTensor, spec: TensorSpec) => Promise<HostTensor['data']>;

/** What a device store needs of the engine. */
export interface DeviceAccess {
  readonly runtime: TensorRuntime;
  readonly download: Download;
  readonly inTurn: InTurn;
}

/** Whether a tensor may live on the device: other types have no operators there, and nothing needs no room. */
const fitsDevice = ({ dtype, shape }: TensorSpec): boolean => dtype === 'float32' && elementCount(shape) > 0;

/** Creates a store; see the top of this file. */
export function createDeviceStore(
  tensors: Readonly<Record<string, HostTensor>>,
  { runtime, download, inTurn }: DeviceAccess,
): RuntimeStore {
  /** Values in JavaScript memory; outdated for the names that are on the device. */
  const host = new CompiledStore(tensors, runtime);
  const { specs } = host;
  const device = new Map<string, { readonly tensor: RuntimeTensor; readonly done: () => void }>();
  /** Lets go of a tensor once everything that was started with it is done. */
  const release = (name: string) => {
    const held = device.get(name);
    device.delete(name);
    if (held === undefined) return;
    void inTurn(async () => {
      held.tensor.dispose();
      held.done();
    });
  };
  let disposed = false;
  return {
    specs,
    onDevice: (name) => fitsDevice(specs[name]!),
    current: (name) => device.get(name)?.tensor ?? host.current(name),
    target: (name) => (fitsDevice(specs[name]!) ? null : host.target(name)),
    take(name, result, done) {
      if (!fitsDevice(specs[name]!)) return host.take(name, result, done);
      release(name);
      device.set(name, { tensor: result, done });
      if (disposed) release(name); // meanwhile
    },
    async read(name) {
      const tensor = device.get(name)?.tensor;
      if (tensor === undefined) return host.read(name);
      const spec = storeSpec(specs, name);
      return { ...spec, data: await inTurn(() => download(tensor, spec)) };
    },
    write(name, value) {
      host.write(name, value);
      release(name);
    },
    async settle() {
      for (const [name, { tensor }] of device) {
        const spec = storeSpec(specs, name);
        const data = await inTurn(() => download(tensor, spec));
        if (device.get(name)?.tensor === tensor) host.write(name, { ...spec, data });
      }
    },
    borrow: (name) => host.borrow(name),
    values: (name) => host.values(name),
    overwrite: (name) => host.overwrite(name),
    relocate: (name, array) => host.relocate(name, array),
    digest: (name) => host.digest(name),
    dispose() {
      disposed = true;
      for (const name of device.keys()) release(name);
      host.dispose();
    },
  };
}
