/**
 * What tfjs-node 4.22 lacks or refuses although the CPU backend of TensorFlow.js computes it. A training step of ours
 * calls none of it; an adapter of somebody else's may, and should find the backends alike. Kernels that refuse are
 * wrapped, so that what worked before goes the same way as before; kernels that are not there are borrowed.
 */
import {
  cast,
  findBackend,
  getKernel,
  type KernelFunc,
  registerKernel,
  type Tensor,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { borrowKernels } from './borrowed-kernels.ts';

const wrapped = new WeakSet<KernelFunc>();

/** Completes the kernels of the backend `tensorflow`; once is enough, more does no harm. */
export function completeNativeKernels(): void {
  wrapKernel('GatherV2', fromTheEnd);
  for (const name of ['IsNan', 'IsInf', 'IsFinite', 'Step']) wrapKernel(name, onIntegers);
  if (findBackend('cpu')) borrowKernels('tensorflow');
}

/** An axis counted from the end, which tfjs-node looks up as it is and does not find. */
function fromTheEnd(original: KernelFunc): KernelFunc {
  return (call) => {
    const { axis } = call.attrs as unknown as { readonly axis: number };
    const { x } = call.inputs as { readonly x: TensorInfo };
    return original({ ...call, attrs: { ...call.attrs, axis: axis < 0 ? axis + x.shape.length : axis } });
  };
}

/** Functions of floats, asked of integers: TensorFlow takes floats only. Numbers come back as integers. */
function onIntegers(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x } = call.inputs as { readonly x: TensorInfo };
    if (x.dtype === 'float32') return original(call);
    const floats = cast(x as Tensor, 'float32');
    const result = original({ ...call, inputs: { x: floats } }) as Tensor;
    floats.dispose();
    if (result.dtype !== 'float32') return result;
    const integers = cast(result, x.dtype);
    result.dispose();
    return integers;
  };
}

function wrapKernel(kernelName: string, wrap: (original: KernelFunc) => KernelFunc): void {
  const config = getKernel(kernelName, 'tensorflow');
  if (config === undefined || wrapped.has(config.kernelFunc)) return;
  const kernelFunc = wrap(config.kernelFunc);
  wrapped.add(kernelFunc);
  unregisterKernel(kernelName, 'tensorflow');
  registerKernel({ ...config, kernelFunc });
}
