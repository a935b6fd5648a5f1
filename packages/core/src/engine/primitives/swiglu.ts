/**
 * The gated activation of the Llama feed-forward: `silu(gate) * value`, silu(x) = x sigmoid(x) (Shazeer 2020). The
 * backward pass reads the result again, which the product that follows keeps anyway, and so passes over memory less often.
 */
import { add, customGrad, mul, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';
import { activeTrace } from './active-trace.ts';

/** @param gate `[..., F]` @param value `[..., F]` @returns `[..., F]` */
export function swiglu(gate: Tensor, value: Tensor): Tensor {
  const activate = customGrad((gateInput, valueInput, save) => {
    const [g, v] = [gateInput as Tensor, valueInput as Tensor];
    const activated = silu(g);
    const gated = mul(activated, v);
    (save as (tensors: Tensor[]) => void)([g, v, activated, gated]);
    return {
      value: gated,
      gradFunc: (upstream: Tensor, saved: Tensor[]) => {
        const [g0, v0, s, y] = saved as [Tensor, Tensor, Tensor, Tensor];
        // silu'(x) = silu(x) + sigmoid(x) (1 - silu(x)), so with y = silu(g) v: v silu'(g) = y + sigmoid(g) (v - y)
        const slope = add(y, mul(sigmoid(g0), sub(v0, y)));
        return [mul(upstream, slope), mul(upstream, s)];
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
