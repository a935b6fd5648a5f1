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
});
