import { describe, expect, it } from 'vitest';
import type { FunctionProfile } from './engine-profile.ts';
import { profileTable } from './profile-table.ts';

const profile: FunctionProfile = {
  name: 'train-step',
  runs: 20,
  milliseconds: 384.25,
  operators: [
    { name: 'FusedMatMul', nodes: 123, milliseconds: 300, share: 0.75 },
    { name: 'Mul', nodes: 7, milliseconds: 60, share: 0.15 },
    { name: 'Add', nodes: 5, milliseconds: 40, share: 0.1 },
  ],
  lines: [{ name: 'model/linear.ts:6', nodes: 135, milliseconds: 400, share: 1 }],
};

describe('profileTable', () => {
  it('shows operators and source lines of a function, and sums up what does not fit', () => {
    expect(profileTable({ functions: [profile] }, { rows: 2 })).toBe(
      `train-step: 20 runs of 384.25 ms, 400.00 ms of it in nodes (medians)

  operator     nodes        ms    share
  FusedMatMul    123   300.000   75.0 %
  Mul              7    60.000   15.0 %
  1 more           5    40.000   10.0 %

  source line        nodes        ms    share
  model/linear.ts:6    135   400.000  100.0 %
`,
    );
  });

  it('shows the functions with the most time and says what the others took', () => {
    const text = profileTable({ functions: [profile, profile, { ...profile, runs: 1 }] }, { functions: 1 });
    expect(text.match(/train-step/g)).toHaveLength(1);
    expect(text).toMatch(/… and 2 more functions, 8069\.3 ms in all their runs\n$/); // 21 runs of 384.25 ms
  });

  it('says so where nothing ran', () => {
    expect(profileTable({ functions: [] })).toBe('No compiled function ran while the profile was recorded.\n');
  });
});
