import { describe } from 'vitest';
import { graphicsKinds, graphicsProblem } from './support/engine-kinds.ts';
import { testTraining } from './support/engine-training-tests.ts';

describe.skipIf(graphicsProblem !== undefined)('training on a graphics processor', () => {
  testTraining(graphicsKinds);
});
