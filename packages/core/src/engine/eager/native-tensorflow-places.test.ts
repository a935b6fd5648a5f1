import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNativeTensorflow } from './native-tensorflow-places.ts';

let project: string;
beforeEach(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'transfuse-places-')));
});
afterEach(() => rm(project, { recursive: true }));

/** Writes a package without JavaScript, and returns its folder. */
async function putPackage(
  folder: string,
  { name = '@tensorflow/tfjs-node', built = true, versions = [3, 8] } = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const binary = {
    module_name: 'tfjs_binding',
    module_path: './lib/napi-v{napi_build_version}',
    napi_versions: versions,
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '4.22.0', binary }));
  const binding = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  if (built) await mkdir(dirname(binding), { recursive: true });
  if (built) await writeFile(binding, '');
  return folder;
}

/** Places below the project, so that what the machine itself has installed does not matter. */
function found(environment: Readonly<Record<string, string>> = {}, from = project) {
  return findNativeTensorflow({ project: from, environment })
    .filter(({ folder }) => folder.startsWith(project))
    .map(({ folder, origin, built }) => ({ folder: folder.slice(project.length + 1), origin, built }));
}

describe('finding native TensorFlow', () => {
  it('finds nothing where nothing is', () => {
    expect(found()).toEqual([]);
  });

  it('prefers what was set up to what is installed, and the GPU package to the other', async () => {
    await putPackage(join(project, 'node_modules', '@tensorflow', 'tfjs-node'));
    await putPackage(join(project, 'node_modules', '@tensorflow', 'tfjs-node-gpu'), {
      name: '@tensorflow/tfjs-node-gpu',
    });
    await putPackage(join(project, '.transfuse', 'tfjs-node', 'node_modules', '@tensorflow', 'tfjs-node'));
    expect(found()).toEqual([
      { folder: '.transfuse/tfjs-node/node_modules/@tensorflow/tfjs-node', origin: 'set up', built: true },
      { folder: 'node_modules/@tensorflow/tfjs-node-gpu', origin: 'installed', built: true },
      { folder: 'node_modules/@tensorflow/tfjs-node', origin: 'installed', built: true },
    ]);
  });

  it('looks in the folders around the project too', async () => {
    await putPackage(join(project, '.transfuse', 'tfjs-node', 'node_modules', '@tensorflow', 'tfjs-node'));
    await mkdir(join(project, 'a', 'b'), { recursive: true });
    expect(found({}, join(project, 'a', 'b'))).toHaveLength(1);
  });

  it('says where a package lacks its binding', async () => {
    const folder = await putPackage(join(project, 'node_modules', '@tensorflow', 'tfjs-node'), { built: false });
    const [place] = findNativeTensorflow({ project, environment: {} });
    expect(place).toMatchObject({ name: '@tensorflow/tfjs-node', version: '4.22.0', folder, built: false });
    expect(place!.binding).toBe(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'));
  });

  it('takes the newest binary interface that this Node.js knows', async () => {
    const folder = await putPackage(join(project, 'x'), { versions: [3, 4, 9999] });
    const [place] = findNativeTensorflow({ project, environment: { TRANSFUSE_TFJS_NODE: folder } });
    expect(place!.binding).toContain(join('lib', 'napi-v4'));
  });

  it.each(['a package', 'a folder with the package in its node_modules'])(
    'takes the variable’s word for %s, and looks nowhere else',
    async (form) => {
      await putPackage(join(project, 'node_modules', '@tensorflow', 'tfjs-node'));
      const inner = form === 'a package' ? '' : join('node_modules', '@tensorflow', 'tfjs-node');
      await putPackage(join(project, 'elsewhere', inner));
      expect(found({ TRANSFUSE_TFJS_NODE: join(project, 'elsewhere') })).toEqual([
        { folder: join('elsewhere', inner), origin: 'variable', built: true },
      ]);
      expect(found({ TRANSFUSE_TFJS_NODE: join(project, 'nowhere') })).toEqual([]);
    },
  );

  it('passes over other packages and files that are none', async () => {
    await putPackage(join(project, 'node_modules', '@tensorflow', 'tfjs-node'), { name: 'something-else' });
    await mkdir(join(project, 'node_modules', '@tensorflow', 'tfjs-node-gpu'));
    await writeFile(join(project, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'package.json'), '{ broken');
    expect(found()).toEqual([]);
  });
});
