import { describe } from 'vitest';
import { describeComparison } from '../../../../../test/support/engine-comparison.ts';
import { graphicsProblem } from '../../../../../test/support/engine-kinds.ts';
import { createEagerEngine } from '../eager-engine.ts';

describe.skipIf(graphicsProblem !== undefined)('on a graphics processor', () => {
  describeComparison('the eager engine on webgpu', {
    create: () => createEagerEngine({ backend: 'webgpu' }),
    samples: 8,
    known: {
      'functions that keep their precision': /Tanh/, // 24 bits of 1, not of a small result
      'flips and rotations': /rotated/, // halves are rounded the other way
      'maxima of windows with ties': /d0/, // the gradient goes to another one of the equal maxima
      'gradients of depthwise convolutions with holes': /vec5/, // five dimensions in a shader that has four
      'crops of boxes': /kernel CropAndResize/,
      'the best of overlapping boxes': /kernel NonMaxSuppression/,
      'counts of numbers': /kernel DenseBincount/,
      'bits of integers': /kernel BitwiseAnd/,
    },
  });
});
