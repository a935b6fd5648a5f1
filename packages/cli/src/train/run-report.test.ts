import { describe, expect, it } from 'vitest';
import { unshown } from './run-report.ts';

const train = { sampleEvery: 0 } as Parameters<typeof unshown>[1]['train'];

describe('what a report cannot show', () => {
  it('is nothing where all modalities are pictures, sounds and clips', () => {
    expect(unshown({ image: {}, audio: {}, video: {} }, { train })).toBe('');
  });

  it('is told with the reason and how to see it', () => {
    const paragraph = unshown({ image: {}, points: {} }, { train });
    expect(paragraph).toMatch(
      /^\n\nThere are no examples of points here, because .* --want points saves values as JSON\.$/u,
    );
    expect(unshown({ points: {} }, { train: { ...train, sampleEvery: 5 } })).toContain('folder samples');
  });
});
