import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putTfjsNode } from '../testing/pretended-tensorflow.ts';
import { type RecordedMachineOptions, recordMachine } from '../testing/recorded-machine.ts';
import { buildBinding } from './binding-build.ts';

let folder: string;
let binding: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transfuse-build-'));
  binding = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
});
afterEach(() => rmSync(folder, { recursive: true }));

const library = {
  folder: '/tf',
  files: ['/tf/lib a/libtensorflow.so.2', '/tf/lib a/f.so.2'],
  headers: '/tf/h',
} as const;
const compiler = { program: 'ccache', args: ['g++'], version: 'g++ 12.2' };
const parts = () => ({ folder, library, nodeHeaders: '/node/h', compiler });

/** A compiler that writes what it was asked for, or fails with messages. */
function machineWith(messages?: string, options: Partial<RecordedMachineOptions> = {}) {
  return recordMachine({
    project: folder,
    answer({ args }) {
      if (messages !== undefined) return { code: 1, stderr: messages };
      writeFileSync(args[args.indexOf('-o') + 1]!, 'the new one');
      return {};
    },
    ...options,
  });
}

describe('building the binding', () => {
  it('is one call of the compiler, in the package’s folder', async () => {
    putTfjsNode(folder);
    const machine = machineWith();
    expect((await buildBinding(parts(), machine)).path).toBe(binding);
    expect(readFileSync(binding, 'utf8')).toBe('the new one');
    expect(machine.calls).toHaveLength(1);
    const [{ program, args, folder: where }] = machine.calls as [(typeof machine.calls)[number]];
    expect([program, args[0], where]).toEqual(['ccache', 'g++', folder]);
    const line = args.join(' ');
    expect(line).toContain('-std=c++17 -O2 -shared -fPIC -DNAPI_VERSION=8');
    expect(line).toContain('-I /node/h -I /tf/h binding/tfjs_backend.cc binding/tfjs_binding.cc');
    expect(args).toEqual(expect.arrayContaining([...library.files, '-rpath', dirname(library.files[0])]));
  });

  it('is asked of macOS in its own way', async () => {
    putTfjsNode(folder);
    const machine = machineWith(undefined, { platform: 'darwin' });
    await buildBinding(parts(), machine);
    const [{ args }] = machine.calls as [(typeof machine.calls)[number]];
    expect(args).toEqual(expect.arrayContaining(['-bundle', '-undefined', 'dynamic_lookup']));
    expect(args).not.toContain('-shared');
    expect(args).not.toContain('-z');
  });

  it('keeps the binding that was there until the new one has proved itself', async () => {
    putTfjsNode(folder, { binding: 'built' });
    const first = await buildBinding(parts(), machineWith());
    first.takeBack();
    expect(readFileSync(binding, 'utf8')).toBe('the old one');
    const second = await buildBinding(parts(), machineWith());
    second.keep();
    expect(readFileSync(binding, 'utf8')).toBe('the new one');
    expect(readdirSync(dirname(binding))).toEqual(['tfjs_binding.node']);
  });

  it('leaves none behind that does not work, where there was none', async () => {
    putTfjsNode(folder);
    (await buildBinding(parts(), machineWith())).takeBack();
    expect(readdirSync(dirname(binding))).toEqual([]);
  });

  it.each([
    [
      'binding/tfjs_backend.cc:26:10: fatal error: tensorflow/c/tf_tensor.h: No such file or directory',
      { found: 'no header tensorflow/c/tf_tensor.h', mend: expect.stringContaining('--libtensorflow') },
    ],
    [
      "binding/utils.h:26:10: fatal error: 'vector' file not found",
      { found: 'no header vector', mend: expect.stringContaining('apt-get install g++') },
    ],
    [
      'g++: error: unrecognized command line option "-std=c++17"',
      { found: 'g++ 12.2, which has no C++17', mend: expect.stringContaining('newer compiler') },
    ],
    [
      'x.cc: In function f\nx.cc:3:1: error: no member named TF_New\nmore',
      { found: 'a failed build (x.cc:3:1: error: no member named TF_New)', mend: expect.stringContaining('--debug') },
    ],
  ])('says what the compiler misses: %s', async (messages, expected) => {
    putTfjsNode(folder, { binding: 'built' });
    await expect(buildBinding(parts(), machineWith(messages))).rejects.toMatchObject({
      code: 'engine.unavailable',
      place: `ccache in ${folder}`,
      ...expected,
    });
    expect(readFileSync(binding, 'utf8')).toBe('the old one');
    expect(existsSync(`${binding}.unfinished`)).toBe(false);
  });
});
