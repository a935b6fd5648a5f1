import type { HostTensor } from '@transfuse/core/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convolutionParameters, linearParameters, normParameters } from './layer-parameters.ts';
import { weightsFromFile, weightsToFile } from './weight-layout.ts';

const counted = (...shape: readonly number[]): HostTensor => {
  const size = shape.reduce((product, side) => product * side, 1);
  return { dtype: 'float32', shape, data: Float32Array.from({ length: size }, (_, index) => index) };
};

describe('the layout of weights', () => {
  it('puts the weight of every output, input and place where the tensor functions look for it', () => {
    const side = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(side, side, side, (inputs, outputs, window) => {
        const spec = convolutionParameters('c', inputs, outputs, { window, bias: 'without' });
        const file = { 'c.weight': counted(outputs, inputs, window, window) };
        const { shape, data } = weightsFromFile(spec, file, 'file')['c.weight']!;
        expect(shape).toEqual([window, window, inputs, outputs]);
        let index = 0;
        for (let y = 0; y < window; y++)
          for (let x = 0; x < window; x++)
            for (let i = 0; i < inputs; i++)
              for (let o = 0; o < outputs; o++)
                expect(data[index++]).toBe(((o * inputs + i) * window + y) * window + x);
      }),
    );
  });

  it('goes back to the file without a change, and leaves vectors alone', () => {
    const spec = { ...convolutionParameters('c', 2, 3), ...linearParameters('l', 4), ...normParameters('n', 5) };
    const file = {
      'c.weight': counted(3, 2, 3, 3),
      'c.bias': counted(3),
      'l.weight': counted(4, 4),
      'l.bias': counted(4),
      'n.weight': counted(5),
      'n.bias': counted(5),
    };
    const weights = weightsFromFile(spec, file, 'file');
    expect(weights['l.weight']!.data.slice(0, 4)).toEqual(Float32Array.of(0, 4, 8, 12));
    expect(weightsToFile(weights)).toEqual(file);
  });

  it('refuses what is missing, of another shape or type, or not asked for', () => {
    const spec = normParameters('n', 2);
    const whole = { 'n.weight': counted(2), 'n.bias': counted(2) };
    const integers: HostTensor = { dtype: 'int32', shape: [2], data: new Int32Array(2) };
    for (const [file, tensor] of [
      [{ 'n.weight': counted(2) }, 'n.bias'],
      [{ ...whole, 'n.weight': counted(3) }, 'n.weight'],
      [{ ...whole, 'n.weight': integers }, 'n.weight'],
      [{ ...whole, 'other.weight': counted(2) }, 'other.weight'],
    ] as const) {
      expect(() => weightsFromFile(spec, file as Record<string, HostTensor>, 'file')).toThrow(
        expect.objectContaining({ code: 'checkpoint.invalid', place: `file, tensor ${tensor}` }),
      );
    }
  });
});
