// The real thing, where this machine has what it takes: TRANSFUSE_TFJS_NODE names a package that works, and
// LIBTENSORFLOW_DIR a library to build it against anew. Needs the compiled packages (`npm run build`).
import { cpSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findNativeTensorflow } from '@transfuse/core/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import { realMachine } from './machine.ts';
import { runSetup } from './run-setup.ts';
import { verifyTrainingStep } from './verify-training-step.ts';

const { TRANSFUSE_TFJS_NODE: named, LIBTENSORFLOW_DIR: library } = process.env;

describe.skipIf(!named)('native TensorFlow on this machine (TRANSFUSE_TFJS_NODE)', () => {
  const [place] = findNativeTensorflow();

  it('trains a step to the loss of the CPU backend', async () => {
    const { loss, referenceLoss, description } = await verifyTrainingStep(place!.folder, realMachine());
    expect(description).toMatch(/backend tensorflow, TensorFlow \d/);
    expect(Math.abs(loss - referenceLoss)).toBeLessThan(1e-3 * referenceLoss);
  });

  describe.skipIf(!library)('built anew (LIBTENSORFLOW_DIR)', () => {
    let project: string;
    beforeEach(() => {
      project = realpathSync(mkdtempSync(join(tmpdir(), 'transfuse-native-')));
    });
    afterEach(() => rmSync(project, { recursive: true }));

    it('works, from sources without a binding', async () => {
      const { folder } = place!;
      const modules = join(project, 'node_modules');
      const copy = join(modules, '@tensorflow', 'tfjs-node');
      cpSync(folder, copy, { recursive: true, filter: (file) => file !== join(folder, 'lib') });
      // What the package needs lies beside it, in the folder of its scope and the one around.
      for (const [from, to] of [
        [dirname(folder), dirname(copy)],
        [dirname(dirname(folder)), modules],
      ] as const) {
        for (const name of readdirSync(from))
          if (!existsSync(join(to, name))) symlinkSync(join(from, name), join(to, name));
      }
      const machine = { ...realMachine(), project, environment: { ...process.env, TRANSFUSE_TFJS_NODE: undefined } };
      const surroundings = recordSurroundings();
      await runSetup({ libtensorflow: library! }, surroundings, machine);
      expect(surroundings.written.stdout).toMatch(/^training step {5}done {4}.*, TensorFlow \d/m);
      expect(surroundings.written.stdout).toContain(`binding           done    ${copy}`);
    });
  });
});
