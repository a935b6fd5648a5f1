import { arch, cpus, platform } from 'node:os';
import { describe, expect, it } from 'vitest';
import { processorIdentity } from './processor-identity.ts';

describe('processorIdentity', () => {
  it('tells platform, architecture and model, and stays the same', () => {
    const told = processorIdentity();
    for (const part of [platform(), arch(), cpus()[0]!.model]) expect(told).toContain(part);
    expect(processorIdentity()).toBe(told);
  });

  it.runIf(platform() === 'linux' && arch() === 'x64')('tells the instruction sets that decide layouts', () => {
    expect(processorIdentity()).toMatch(/\bsse2\b/);
  });
});
