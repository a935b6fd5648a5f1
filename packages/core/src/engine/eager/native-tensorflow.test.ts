import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import util from 'node:util';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEagerEngine } from '../eager-engine.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-native-'));
  vi.stubEnv('TRANSFUSE_TFJS_NODE', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A package that does in JavaScript what tfjs-node does when it is loaded; its backend computes on the CPU backend. */
async function putPackage(script: string, { built = true } = {}): Promise<void> {
  const binary = { module_name: 'tfjs_binding', module_path: './lib', napi_versions: [3, 8] };
  const manifest = { name: '@tensorflow/tfjs-node', version: '4.22.0', main: 'index.js', binary };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'index.js'), script);
  await mkdir(join(folder, 'lib'));
  if (built) await writeFile(join(folder, 'lib', 'tfjs_binding.node'), '');
}

const core = JSON.stringify(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core'));
const registration = `
  const tf = require(${core});
  const backend = Object.create(tf.findBackend('cpu'), {
    binding: { value: { TF_Version: '9.8.7' } },
    isUsingGpuDevice: { value: true },
  });
  tf.registerBackend('tensorflow', () => backend, 3);
  tf.copyRegisteredKernels('cpu', 'tensorflow');
  tf.setBackend('tensorflow');
`;

describe('native TensorFlow that does not load', () => {
  it('is refused with the command that gets it, where there is none', async () => {
    await expect(createEagerEngine({ backend: 'tensorflow' })).rejects.toMatchObject({
      code: 'engine.unavailable',
      place: 'TRANSFUSE_TFJS_NODE',
      found: `no @tensorflow/tfjs-node (or -gpu) in ${folder}`,
      mend: expect.stringContaining('npx transfuse setup tfjs-node'),
    });
  });

  it('is refused where the package has no binding', async () => {
    await putPackage('throw new Error("must not be loaded")', { built: false });
    await expect(createEagerEngine({ backend: 'tensorflow' })).rejects.toMatchObject({
      code: 'engine.unavailable',
      place: `@tensorflow/tfjs-node 4.22.0 in ${folder}`,
      found: expect.stringContaining('no compiled binding'),
    });
  });

  it('is refused with the first line of what the loader said', async () => {
    await putPackage('throw new Error("libtensorflow_cc.so.2: cannot open shared object file\\nRequire stack: …")');
    await expect(createEagerEngine({ backend: 'tensorflow' })).rejects.toMatchObject({
      found: 'that it does not load (libtensorflow_cc.so.2: cannot open shared object file)',
    });
  });

  it('is refused where it registers nothing', async () => {
    await putPackage('');
    await expect(createEagerEngine({ backend: 'tensorflow' })).rejects.toMatchObject({
      found: expect.stringContaining('registered no backend'),
    });
  });
});

// Last, because a backend once registered stays.
it('native TensorFlow from a folder computes, names its library, and leaves the user’s backend chosen', async () => {
  const original = Object.getOwnPropertyDescriptor(util, 'isNullOrUndefined');
  delete (util as { isNullOrUndefined?: unknown }).isNullOrUndefined; // as Node.js 23 does
  try {
    await putPackage(`
      const { isNullOrUndefined } = require('util');
      if (!isNullOrUndefined(null) || !isNullOrUndefined(undefined) || isNullOrUndefined(0)) throw new Error('wrong');
      ${registration}
    `);
    await tf.setBackend('cpu');
    const engine = await createEagerEngine({ backend: 'tensorflow' });
    expect(tf.getBackend()).toBe('cpu');
    expect(engine.description).toMatch(/^TensorFlow\.js 4\.\d+\.\d+, backend tensorflow, TensorFlow 9\.8\.7, gpu$/);
    let used = '';
    const run = await engine.compile(
      (_, { x }) => {
        used = tf.getBackend();
        return { outputs: { y: tf.neg(x!) } };
      },
      { name: 'negate', inputs: { x: { shape: [2], dtype: 'float32' } } },
    );
    expect((await run.run({ x: Float32Array.of(1, 2) }))['y']!.data).toEqual(Float32Array.of(-1, -2));
    expect([used, tf.getBackend()]).toEqual(['tensorflow', 'cpu']);
    await engine.dispose();
  } finally {
    if (original) Object.defineProperty(util, 'isNullOrUndefined', original);
  }
});
