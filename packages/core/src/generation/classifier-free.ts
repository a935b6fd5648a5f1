/**
 * Classifier-free guidance (Ho and Salimans 2022), what a guidance given as a number means: away from the network's
 * output without the text, through the one with it, and beyond.
 */
import type { Guider } from '../contracts/guider.ts';

/** `guided = without + scale (conditional - without)`; scale 1 is no guidance and costs nothing. */
export function classifierFreeGuider(scale: number): Guider {
  return {
    name: 'classifier-free',
    config: { scale },
    branches: scale === 1 ? [] : ['without-text'],
    guide({ outputs, guided }) {
      const without = outputs['without-text'];
      if (without === undefined) return { guided };
      return { guided: guided.map((value, index) => without[index]! + scale * (value - without[index]!)) };
    },
  };
}
