import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigFile } from './config-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('readConfigFile', () => {
  it.each([
    ['emoji.config.json', '{"train": {"steps": 3}}'],
    ['emoji.config.ts', 'const steps: number = 3; export default { train: { steps } };'],
    ['emoji.config.mjs', 'export default { train: { steps: 3 } };'],
  ])('reads %s and names it after the file', async (name, content) => {
    const path = await file(name, content);
    expect(await readConfigFile(path)).toEqual({ path, name: 'emoji', value: { train: { steps: 3 } } });
  });

  it('reads JSON with a byte order mark', async () => {
    expect((await readConfigFile(await file('bom.json', '\uFEFF{"a": 1}'))).value).toEqual({ a: 1 });
  });

  it('lets a TypeScript configuration import its neighbours', async () => {
    await file('steps.ts', 'export const steps: number = 7;');
    const path = await file('neighbour.ts', "import { steps } from './steps.ts'; export default { train: { steps } };");
    expect((await readConfigFile(path)).value).toEqual({ train: { steps: 7 } });
  });

  it('says that a file does not exist, or is a folder', async () => {
    await mkdir(join(folder, 'folder.json'));
    const found = async (name: string) => readConfigFile(join(folder, name)).catch((error: unknown) => error);
    expect(await found('missing.json')).toMatchObject({ code: 'config.not-found', found: 'no such file' });
    expect(await found('folder.json')).toMatchObject({ code: 'config.not-found', found: 'a folder' });
  });

  it.each([
    ['broken.json', '{\n  "a": 1,\n  "b": ,\n}', /^Unexpected token ',', .*"b": .* is not valid JSON$/],
    ['comma.json', '{\n  "a": 1,\n}', /in line 3$/],
    ['broken.ts', 'export default {\n  a: = 2,\n};', /in line 2$/],
    ['throws.mjs', "throw new Error('boom');", /^an error \(boom\)$/],
    ['stranger.ts', "import 'no-such-package'; export default {};", /no-such-package/],
    ['nothing.ts', 'export const config = {};', /^no default export$/],
    ['nothing.mjs', 'export const config = {};', /^no default export$/],
    ['list.json', '[1]', /^a list$/],
    ['settings.yaml', 'a: 1', /extension "\.yaml"/],
  ])('says what is wrong with %s', async (name, content, found) => {
    const error: unknown = await readConfigFile(await file(name, content)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'config.unreadable', found: expect.stringMatching(found) });
  });
});
