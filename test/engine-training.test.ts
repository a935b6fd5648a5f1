import { createCompiledEngine } from '@transfuse/core/engine';
import { describe } from 'vitest';
import { engineKinds, graphicsKinds } from './support/engine-kinds.ts';
import { testTraining } from './support/engine-training-tests.ts';

// On a graphics processor: engine-training.slow.test.ts; on a page: browser/browser-engine.slow.test.ts.

/** What is taken where nobody chooses: as many threads as the machine has cores. */
const unchosen = { kind: 'compiled (default threads)', create: async () => createCompiledEngine() };

describe('training', () => {
  testTraining([unchosen, ...engineKinds.filter((kind) => kind.kind !== 'eager' && !graphicsKinds.includes(kind))]);
});
