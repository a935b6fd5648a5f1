import { describe, expect, it } from 'vitest';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { parsePrompt } from './prompt.ts';

const model = defineModel(tinyTransformer(), [letters(5), tinySignal()]);
const value = tinySample(1);

describe('a prompt', () => {
  it('that is a text is one text segment', () => {
    expect(parsePrompt('abc', model)).toEqual({ segments: [{ modality: 'text', value: 'abc' }], wants: [] });
  });

  it('is given segments, then wanted modalities, in order', () => {
    const prompt = ['ab', { modality: 'signal', value }, 'c', { want: 'signal' }, { want: 'text' }];
    expect(parsePrompt(prompt, model)).toEqual({
      segments: [
        { modality: 'text', value: 'ab' },
        { modality: 'signal', value },
        { modality: 'text', value: 'c' },
      ],
      wants: [{ want: 'signal' }, { want: 'text' }],
    });
  });

  it('may be empty, or only want', () => {
    expect(parsePrompt([], model)).toEqual({ segments: [], wants: [] });
    expect(parsePrompt([{ want: 'signal' }], model)).toEqual({ segments: [], wants: [{ want: 'signal' }] });
  });

  it.each([undefined, 5, { want: 'signal' }, [42], [null], ['ab', {}], [{ modality: 'text' }]])(
    'is refused where it is %j',
    (wrong) => {
      expect(() => parsePrompt(wrong as never, model)).toThrow(
        expect.objectContaining({ code: 'generation.invalid-option' }),
      );
    },
  );

  it.each([5, 'large', { seconds: -1 }, { seconds: '2' }, null])(
    'wants no size %j, and says how this modality would be asked for',
    (size) => {
      expect(() => parsePrompt([{ want: 'signal', size } as never], model)).toThrow(
        expect.objectContaining({
          code: 'generation.invalid-option',
          place: 'prompt[0].size',
          mend: 'Write, for example, { want: "signal", size: { ... } }.',
        }),
      );
    },
  );

  it('must not give after it wants', () => {
    expect(() => parsePrompt([{ want: 'signal' }, 'abc'], model)).toThrow(
      expect.objectContaining({ code: 'generation.invalid-option', place: 'prompt[1]' }),
    );
    expect(() => parsePrompt(['a', { want: 'text' }, { modality: 'signal', value }], model)).toThrow(/prompt\[2\]/);
  });

  it('must speak of modalities the model has', () => {
    const unknown = expect.objectContaining({ code: 'sequence.invalid', place: 'prompt[1]' });
    expect(() => parsePrompt(['a', { want: 'smell' }], model)).toThrow(unknown);
    expect(() => parsePrompt(['a', { modality: 'smell', value: 1 }], model)).toThrow(unknown);
  });

  it('with a text needs a model that has text', () => {
    const mute = defineModel(tinyTransformer(), [tinySignal()]);
    expect(() => parsePrompt('abc', mute)).toThrow(expect.objectContaining({ code: 'sequence.invalid' }));
  });
});
