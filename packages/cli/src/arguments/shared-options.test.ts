import { describe, expect, it } from 'vitest';
import { engineConfig } from './shared-options.ts';

describe('engineConfig', () => {
  it('keeps what a configuration says where the command line says nothing', () => {
    expect(engineConfig({}, { name: 'eager', backend: 'cpu', threads: 3 })).toEqual({
      name: 'eager',
      backend: 'cpu',
      threads: 3,
    });
  });

  it('lets the command line win', () => {
    expect(engineConfig({ threads: 1, backend: 'tensorflow' }, { name: 'eager', backend: 'cpu', threads: 3 })).toEqual({
      name: 'eager',
      backend: 'tensorflow',
      threads: 1,
    });
  });

  it('does not carry a configured backend over to another engine', () => {
    expect(engineConfig({ engine: 'compiled' }, { name: 'eager', backend: 'cpu' })).toEqual({ name: 'compiled' });
  });

  it('does not carry a configured backend over to a provider, nor a provider to a backend', () => {
    expect(engineConfig({ provider: 'webgpu' }, { backend: 'cpu', threads: 3 })).toEqual({
      provider: 'webgpu',
      threads: 3,
    });
    expect(engineConfig({ backend: 'wasm' }, { provider: 'webgpu' })).toEqual({ backend: 'wasm' });
    expect(engineConfig({ engine: 'eager' }, { provider: 'webgpu' })).toEqual({ name: 'eager' });
    expect(engineConfig({}, { provider: 'webgpu' })).toEqual({ provider: 'webgpu' });
  });
});
