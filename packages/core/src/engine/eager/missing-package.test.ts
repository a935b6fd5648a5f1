import { expect, it } from 'vitest';
import { missingPackage } from './missing-package.ts';

it('names the packages a backend needs, and the command that installs them', () => {
  const error = missingPackage('webgpu', ['@tensorflow/tfjs-backend-webgpu', 'webgpu'], new Error('not found\nstack'));
  expect(error).toMatchObject({
    code: 'engine.unavailable',
    place: 'engine.backend webgpu',
    found: 'that @tensorflow/tfjs-backend-webgpu or webgpu does not load (not found)',
    mend: expect.stringContaining('`npm install @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu@0.6.2`'),
  });
});
