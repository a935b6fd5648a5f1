import { describe } from 'vitest';
import { describeComparison } from '../../../../test/support/engine-comparison.ts';
import { graphicsProblem } from '../../../../test/support/engine-kinds.ts';
import { createCompiledEngine } from './compiled-engine.ts';

describe.skipIf(graphicsProblem !== undefined)('on a graphics processor', () => {
  describeComparison('the compiled engine on webgpu', {
    create: async () => createCompiledEngine({ provider: 'webgpu' }),
    samples: 3,
    known: {
      'functions that keep their precision': /Expm1|Tanh/, // 24 bits of 1, not of a small result
    },
  });
});
