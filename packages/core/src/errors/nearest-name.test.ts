import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

describe('nearestName', () => {
  it.each([
    ['widht', 'width'],
    ['learning_rate', 'learningRate'],
    ['lerningRate', 'learningRate'],
    ['Depth', 'depth'],
  ])('finds for %s the name %s', (wanted, expected) => {
    expect(nearestName(wanted, ['width', 'depth', 'learningRate'])).toBe(expected);
  });

  it('finds nothing where nothing is close', () => {
    expect(nearestName('banana', ['width', 'depth'])).toBeUndefined();
    expect(nearestName('x', ['y'])).toBeUndefined();
    expect(nearestName('width', [])).toBeUndefined();
  });

  it('finds a name that lost one letter, whatever the name', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,20}$/), fc.nat(), (name, at) => {
        const index = at % name.length;
        expect(nearestName(name.slice(0, index) + name.slice(index + 1), [name])).toBe(name);
      }),
    );
  });
});
