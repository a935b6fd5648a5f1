/**
 * Makes TensorFlow.js's gradient functions available. The core package registers none when Node loads it; the layers
 * package of the same project carries and registers all of them into the shared registry.
 */
import { getGradient } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';

/** Checks that gradients are registered; importing this module did it. */
export function registerGradients(): void {
  if (getGradient('BatchMatMul') === undefined) throw new Error('TensorFlow.js gradients are not registered');
}
