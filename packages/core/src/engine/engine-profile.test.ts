import { describe, expect, it } from 'vitest';
import { type NodeTime, type RecordedRun, summarizeRuns } from './engine-profile.ts';

/** A run of nodes by operator; each takes the given microseconds in all. */
function run(
  microseconds: number,
  operators: Readonly<Record<string, [nodes: number, microseconds: number]>>,
): RecordedRun {
  const times = new Map<string, NodeTime>(
    Object.entries(operators).map(([name, [nodes, time]]) => [name, { nodes, microseconds: time }]),
  );
  return { microseconds, operators: times, lines: new Map([['m.ts:1', { nodes: 1, microseconds }]]) };
}

describe('summarizeRuns', () => {
  it('takes the median of the runs for each operator, and its share of all nodes', () => {
    const runs = [
      run(1000, { MatMul: [2, 600], Add: [3, 300] }),
      run(9000, { MatMul: [2, 5000], Add: [3, 100] }), // disturbed
      run(1200, { MatMul: [2, 500], Add: [3, 200] }),
    ];
    const [profile] = summarizeRuns(new Map([['f', runs]])).functions;
    expect(profile).toEqual({
      name: 'f',
      runs: 3,
      milliseconds: 1.2,
      operators: [
        { name: 'MatMul', nodes: 2, milliseconds: 0.6, share: 0.75 },
        { name: 'Add', nodes: 3, milliseconds: 0.2, share: 0.25 },
      ],
      lines: [{ name: 'm.ts:1', nodes: 1, milliseconds: 1.2, share: 1 }],
    });
  });

  it('puts first the function that took most in all its runs, and leaves out those that never ran', () => {
    const short = [1, 2, 3].map(() => run(500, { Add: [1, 500] }));
    const long = [run(1000, { Add: [1, 1000] })];
    const { functions } = summarizeRuns(
      new Map([
        ['long', long],
        ['short', short],
        ['idle', []],
      ]),
    );
    expect(functions.map(({ name }) => name)).toEqual(['short', 'long']);
  });

  it('knows nothing of nothing', () => {
    expect(summarizeRuns(new Map())).toEqual({ functions: [] });
    expect(summarizeRuns(new Map([['f', [run(0, { Add: [1, 0] })]]])).functions[0]?.operators[0]?.share).toBe(0);
  });
});
