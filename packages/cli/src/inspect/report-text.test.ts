import { describe, expect, it } from 'vitest';
import type { AdapterReport, CheckpointReport, LatentShapeReport } from './checkpoint-report.ts';
import { describeCheckpoint } from './report-text.ts';

const shape = (latentShape: readonly number[], grid: readonly number[]): LatentShapeReport => ({
  latentShape,
  grid,
  tokens: grid.reduce((product, side) => product * side, 1),
});

const memory = { weights: 0, cache: 0, activations: 0, moments: 0, average: 0, gradients: 0, total: 0 };

function lines(adapter: Partial<AdapterReport>, changes: Partial<CheckpointReport> = {}): readonly string[] {
  const shapes = adapter.shapes ?? [];
  const first = shapes[0]!;
  return describeCheckpoint({
    checkpoint: 'run',
    model: { width: 8, depth: 1, heads: 1, keyValueHeads: 1, feedForwardWidth: 8, sequenceLength: 64 },
    parameters: { total: 0, parts: [] },
    adapters: [
      {
        modality: 'image',
        adapter: 'linear-patch',
        kind: 'continuous',
        settings: {},
        latentShape: first.latentShape,
        tokens: first.tokens,
        shapeTokens: 0,
        ...adapter,
      },
    ],
    vocabulary: { size: 300, special: 5, sizes: 0 },
    positions: { kind: 'sequence', axes: 1 },
    objective: { schedule: { name: 'flow' }, prediction: 'sample', lossSpace: 'velocity', diffusionWeight: 5 },
    sampling: { sampler: { name: 'euler' }, steps: 4, guidance: 2 },
    training: null,
    files: [],
    memory: { inference: memory, training: memory },
    ...changes,
  } as unknown as CheckpointReport);
}

describe('the text of a checkpoint', () => {
  it('says the one shape of an adapter in its line', () => {
    const text = lines({ shapes: [shape([16, 16, 3], [2, 2])] });
    expect(text).toContain('  image  linear-patch  latents [16, 16, 3], 4 tokens each');
    expect(text.some((line) => line.startsWith('Shapes of'))).toBe(false);
    expect(text).toContain('  positions        by place in the sequence');
  });

  it('lists several shapes with their grids, and says who decides', () => {
    const shapes = [shape([8, 12], [4]), shape([16, 12], [8])];
    expect(lines({ modality: 'audio', shapes })).toEqual(
      expect.arrayContaining([
        '  audio  linear-patch  2 shapes, 4 to 8 tokens each',
        'Shapes of audio, decided by whoever asks',
        '  [8, 12]   4 tokens, where nothing else decides',
        '  [16, 12]  8 tokens',
      ]),
    );
  });

  it('says how many tokens tell a shape, and how many axes positions have', () => {
    const shapes = [shape([8, 16, 16, 3], [8, 2, 2]), shape([4, 16, 16, 3], [4, 2, 2])];
    const text = lines(
      { modality: 'video', shapes, shapeTokens: 3 },
      { vocabulary: { size: 308, special: 13, sizes: 8 }, positions: { kind: 'axial', axes: 3 } },
    );
    expect(text).toContain('Shapes of video, told by 3 tokens before the block, which the model writes');
    expect(text).toContain('  [4, 16, 16, 3]  16 tokens (4 x 2 x 2)');
    expect(text).toContain('  vocabulary       308 tokens, 13 of them special, 8 of those sizes of blocks');
    expect(text).toContain('  positions        axial, up to 3 axes');
  });

  it('does not list shapes without end', () => {
    const shapes = Array.from({ length: 30 }, (_, index) => shape([index + 1, 4], [index + 1]));
    const text = lines({ shapes });
    expect(text).toContain('  and 18 more  13 to 30 tokens');
  });
});
