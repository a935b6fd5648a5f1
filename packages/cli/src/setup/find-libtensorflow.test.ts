import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putArchive, putFile, putPythonPackage } from '../testing/pretended-tensorflow.ts';
import { recordMachine } from '../testing/recorded-machine.ts';
import { findLibtensorflow } from './find-libtensorflow.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transfuse-library-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A machine whose Python sees these folders. */
const withPython = (...packages: string[]) =>
  recordMachine({
    project: folder,
    answer: ({ program }) => (program === 'python3' ? { stdout: `:${packages.join(':')}\n` } : undefined),
  });

describe('a library that is named', () => {
  const machine = () => recordMachine({ project: folder });
  const find = (name: string, device: 'any' | 'gpu' = 'any') =>
    findLibtensorflow({ folder: join(folder, name), device }, machine());

  it('may be the unpacked archive of libtensorflow, which does not say its version', async () => {
    putArchive(join(folder, 'archive'));
    expect(await find('archive')).toEqual({
      folder: join(folder, 'archive'),
      files: ['libtensorflow.so.2', 'libtensorflow_framework.so.2'].map((name) => join(folder, 'archive', 'lib', name)),
      headers: join(folder, 'archive', 'include'),
    });
  });

  it.each(['packages/tensorflow', 'packages'])('may be the Python package or the folder it is in: %s', async (name) => {
    const root = putPythonPackage(join(folder, 'packages'));
    expect(await find(name)).toEqual({
      folder: root,
      files: [join(root, 'libtensorflow_cc.so.2'), join(root, 'libtensorflow_framework.so.2')],
      headers: join(root, 'include'),
      version: '2.21.0',
      cuda: false,
    });
  });

  it('says which GPUs it was built for', async () => {
    putPythonPackage(folder, { cuda: true });
    expect(await find('tensorflow', 'gpu')).toMatchObject({
      cuda: true,
      cudaBuild: 'CUDA 12.5.1 for sm_80, compute_90',
    });
  });

  it('may lie beside its headers, as on a system with lib and include', async () => {
    putArchive(folder);
    expect((await find('lib')).headers).toBe(join(folder, 'include'));
  });

  it('is taken from LIBTENSORFLOW_DIR where no option names one', async () => {
    const root = putArchive(join(folder, 'archive'));
    const environment = { LIBTENSORFLOW_DIR: 'archive' };
    const library = await findLibtensorflow({ device: 'any' }, recordMachine({ project: folder, environment }));
    expect(library.folder).toBe(root);
  });

  it.each([
    ['is not there', 'nowhere', () => {}, { place: '--libtensorflow', found: /^no such folder \(.*nowhere\)$/ }],
    ['holds none', 'other', () => putFile(join(folder, 'other', 'x')), { found: /^no TensorFlow library/ }],
    [
      'holds one for another architecture',
      'arm',
      () => putArchive(join(folder, 'arm'), { machineType: 183 }),
      { found: /^a library for arm64$/, expected: /linux x64/ },
    ],
    [
      'holds one for an architecture without a name here',
      'strange',
      () => putArchive(join(folder, 'strange'), { machineType: 243 }),
      { found: /^a library for machine type 243$/ },
    ],
    [
      'holds a file that is no library',
      'text',
      () => putFile(join(putArchive(join(folder, 'text')), 'lib', 'libtensorflow.so.2'), 'version https://…'),
      { found: /^a file that is no shared library$/ },
    ],
    [
      'lacks the headers',
      'bare',
      () => putArchive(join(folder, 'bare'), { headers: 'none' }),
      { found: /without its headers/, expected: /c_api\.h/ },
    ],
  ])('is refused where it %s', async (_, name, prepare, expected) => {
    prepare();
    const matchers = Object.entries(expected).map(([key, value]) => [key, expect.stringMatching(value)]);
    await expect(find(name)).rejects.toMatchObject({ code: 'engine.unavailable', ...Object.fromEntries(matchers) });
  });

  it('is refused where a GPU is asked for and it knows none', async () => {
    putPythonPackage(folder);
    await expect(find('tensorflow', 'gpu')).rejects.toMatchObject({
      found: expect.stringContaining('built without CUDA'),
      mend: expect.stringContaining('tensorflow[and-cuda]'),
    });
  });
});

describe('a library that is looked for', () => {
  it('is found where Python would look, without importing it', async () => {
    const root = putPythonPackage(join(folder, 'site-packages'));
    const machine = withPython(join(folder, 'lib-dynload'), join(folder, 'site-packages'));
    expect((await findLibtensorflow({ device: 'any' }, machine)).folder).toBe(root);
    expect(machine.calls).toEqual([{ program: 'python3', args: ['-c', 'import sys; print(":".join(sys.path))'] }]);
  });

  it('is looked for in the project’s virtual environment first', async () => {
    const python = putFile(join(folder, '.venv', 'bin', 'python3'));
    const [inside, outside] = [join(folder, 'inside'), join(folder, 'outside')];
    const root = putPythonPackage(inside);
    putPythonPackage(outside);
    const machine = recordMachine({
      project: folder,
      answer: ({ program }) => ({ stdout: program === python ? inside : outside }),
    });
    expect((await findLibtensorflow({ device: 'any' }, machine)).folder).toBe(root);
  });

  it('is one that can use the GPU, where that is asked for', async () => {
    putPythonPackage(join(folder, 'first'));
    const root = putPythonPackage(join(folder, 'second'), { cuda: true });
    const machine = withPython(join(folder, 'first'), join(folder, 'second'));
    expect((await findLibtensorflow({ device: 'any' }, machine)).cuda).toBe(false);
    expect((await findLibtensorflow({ device: 'gpu' }, machine)).folder).toBe(root);
  });

  it('may be one that does not say whether it can use the GPU', async () => {
    putPythonPackage(join(folder, 'first'));
    const root = putArchive(join(folder, 'libtensorflow')); // in the home folder
    expect((await findLibtensorflow({ device: 'gpu' }, withPython(join(folder, 'first')))).folder).toBe(root);
  });

  it('is passed over where it is of no use, as long as another one is', async () => {
    putFile(join(folder, 'first', 'tensorflow', 'libtensorflow_cc.so.2'), 'no library');
    putFile(join(folder, 'first', 'tensorflow', 'libtensorflow_framework.so.2'), 'no library');
    const root = putPythonPackage(join(folder, 'second'));
    const machine = withPython(join(folder, 'first'), join(folder, 'second'));
    expect((await findLibtensorflow({ device: 'any' }, machine)).folder).toBe(root);
    await expect(findLibtensorflow({ device: 'any' }, withPython(join(folder, 'first')))).rejects.toMatchObject({
      found: 'a file that is no shared library',
    });
  });

  it.each([
    ['any', '`pip install tensorflow-cpu`'],
    ['gpu', "`pip install 'tensorflow[and-cuda]'`"],
  ] as const)('is told how to get where there is none (%s)', async (device, command) => {
    await expect(findLibtensorflow({ device }, recordMachine({ project: folder }))).rejects.toMatchObject({
      code: 'engine.unavailable',
      found: 'none in the usual places',
      mend: expect.stringContaining(command),
    });
  });
});
