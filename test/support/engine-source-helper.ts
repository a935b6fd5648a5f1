/** A helper that a traced function calls, in a file of its own, for tests of source lines. */
import { abs, type Tensor } from '@tensorflow/tfjs-core';

/** `|x|`; the operation stands on line 6. */
export function callHelper(x: Tensor): Tensor {
  return abs(x);
}
