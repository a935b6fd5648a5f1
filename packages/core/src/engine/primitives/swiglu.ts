/**
 * The gated activation of the Llama feed-forward: `silu(gate) * value`, silu(x) = x sigmoid(x) (Shazeer 2020). The
 * backward pass keeps one activation less than automatic differentiation would.
 */
import { add, customGrad, mul, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';
import { activeTrace } from './active-trace.ts';

/** @param gate `[..., F]` @param value `[..., F]` @returns `[..., F]` */
export function swiglu(gate: Tensor, value: Tensor): Tensor {
  const activate = customGrad((gateInput, valueInput, save) => {
    const [g, v] = [gateInput as Tensor, valueInput as Tensor];
    const activated = silu(g);
    (save as (tensors: Tensor[]) => void)([g, v, activated]);
    return {
      value: mul(activated, v),
      gradFunc: (upstream: Tensor, saved: Tensor[]) => {
        const [g0, v0, s] = saved as [Tensor, Tensor, Tensor];
        // silu'(x) = silu(x) + sigmoid(x) (1 - silu(x))
        const slope = add(s, mul(sigmoid(g0), sub(1, s)));
        return [mul(mul(upstream, v0), slope), mul(upstream, s)];
      },
    };
  });
  return activate(gate, value);
}

/** `x * sigmoid(x)`, elementwise; forward only where it is not inside {@link swiglu}. */
function silu(x: Tensor): Tensor {
  const trace = activeTrace();
  if (trace === undefined) return mul(x, sigmoid(x));
  const activated = trace.op('QuickGelu', [x], x, { domain: 'com.microsoft', attributes: { alpha: { float: 1 } } });
  return trace.tensor(trace.nameOf(activated), x.shape, 'float32');
}
