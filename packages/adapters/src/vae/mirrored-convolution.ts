/**
 * A convolution whose windows stand around every position, with a gradient of its own. The gradient of the input is then
 * a convolution as well: of the upstream gradient, with the filter mirrored and its inputs and outputs exchanged. Runtimes
 * have faster kernels for that than for the general gradient, a transposed convolution.
 */
import {
  customGrad,
  engine,
  fused,
  type GradSaveFunc,
  reverse,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs-core';

/**
 * Differentiable once.
 *
 * @param x `[B, H, W, I]` @param filter `[K, K, I, O]`, K odd @param bias `[O]` @returns `[B, H, W, O]`
 */
export function convolutionOfAllPositions(x: Tensor4D, filter: Tensor4D, bias: Tensor1D | undefined): Tensor4D {
  const convolve = (image: Tensor4D, window: Tensor4D, shift: Tensor1D | undefined) =>
    fused.conv2d({
      x: image,
      filter: window,
      strides: 1,
      pad: 'same',
      ...(shift !== undefined && { bias: shift }),
    });
  const act = customGrad((...args: (Tensor | GradSaveFunc)[]) => {
    const save = args.at(-1) as GradSaveFunc;
    save([x, filter]);
    return {
      value: convolve(x, filter, bias),
      gradFunc: (upstream: Tensor, saved: Tensor[]) => {
        const [image, window] = saved as [Tensor4D, Tensor4D];
        const mirrored = transpose(reverse(window, [0, 1]), [0, 1, 3, 2]); // [K, K, O, I]
        const gradients = [
          () => convolve(upstream as Tensor4D, mirrored, undefined),
          () => filterGradient(image, upstream, window.shape),
          () => sum(upstream, [0, 1, 2]),
        ];
        return gradients.slice(0, bias === undefined ? 2 : 3).map((gradient) => gradient());
      },
    };
  });
  return act(x, filter, ...(bias === undefined ? [] : [bias])) as Tensor4D;
}

/** TensorFlow.js has the kernel, though no operation of its own for it. */
function filterGradient(x: Tensor4D, dy: Tensor, filterShape: readonly number[]): Tensor {
  const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [...filterShape] };
  return engine().runKernel('Conv2DBackpropFilter', { x, dy }, attributes);
}
