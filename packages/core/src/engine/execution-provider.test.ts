import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { checkProvider, describeProvider, providerList } from './execution-provider.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { compilationSettings, sessionOptions, worthCaching } from './session-settings.ts';

const sine = { op: 'Sin', domain: '', inputs: ['x'], outputs: ['waves'], attributes: {} };
const graphOf = (nodes: OnnxGraph['nodes']): OnnxGraph => ({
  name: 'graph',
  nodes,
  initializers: [],
  inputs: [],
  outputs: [],
  work: 0,
});
const cudaLibrary = createRequire(import.meta.url)
  .resolve('onnxruntime-node/package.json')
  .replace('package.json', `bin/napi-v6/linux/${process.arch}/libonnxruntime_providers_cuda.so`);

describe('a provider', () => {
  it('is asked for together with the processor, which runs what it lacks', () => {
    expect(providerList(graphOf([sine]), 'cpu')).toEqual(['cpu']);
    expect(providerList(graphOf([sine]), 'cuda')).toEqual(['cuda', 'cpu']);
    expect(providerList(graphOf([]), 'webgpu')).toEqual([{ name: 'webgpu' }, 'cpu']);
    expect(providerList(graphOf([sine]), 'webgpu')).toEqual([{ name: 'webgpu', forceCpuNodeNames: ['waves'] }, 'cpu']);
  });

  it('is named in the description', () => {
    expect(describeProvider('cpu', 3)).toBe('cpu, 3 threads');
    expect(describeProvider('cuda', 3)).toMatch(/^cuda, /);
  });

  it.each(['abacus', 'tensorrt'])('%s, which the engine or this build has not, is refused', (provider) => {
    expect(() => checkProvider(provider as 'cpu')).toThrow(
      expect.objectContaining({
        code: 'engine.unavailable',
        place: `engine.provider ${provider}`,
        expected: expect.stringMatching(/^one of cpu\b(?!.*tensorrt)/) as string,
      }),
    );
  });

  it.skipIf(process.platform !== 'linux' || process.arch !== 'x64' || existsSync(cudaLibrary))(
    'that needs a library which is not installed is refused with the command that gets it',
    () => {
      expect(() => checkProvider('cuda')).toThrow(
        expect.objectContaining({
          code: 'engine.unavailable',
          expected: cudaLibrary,
          mend: expect.stringContaining('ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node'),
        }),
      );
    },
  );

  it('never shares what was compiled with another one, and only the processor’s is kept on disk', () => {
    const large = graphOf(Array.from({ length: 300 }, () => sine));
    const keys = (['cpu', 'webgpu', 'cuda'] as const).map((provider) =>
      JSON.stringify(compilationSettings(sessionOptions(large, 1, { provider }))),
    );
    expect(new Set(keys).size).toBe(3);
    expect([worthCaching(large), worthCaching(large, 'webgpu'), worthCaching(large, 'cuda')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
