/** The conformance suites, and what is special about this adapter. */
import { strict as assert } from 'node:assert';
import { describe, it } from 'node:test';
import { checkContinuousAdapter, checkPlugin } from '@transfuse/core/testing';
import plugin, { createTemplateNameAdapter, type TemplateName } from '../src/index.ts';

/** A wave that goes through all values of the range. */
function wave(length: number, { channels = 1, height = 1 } = {}): TemplateName {
  const values = Float32Array.from({ length: length * channels }, (_, index) => height * Math.sin(0.7 * index));
  return { channels, values };
}

checkPlugin(plugin).register({ describe, it });
checkContinuousAdapter(() => createTemplateNameAdapter(), {
  samples: [wave(32), wave(128)], // the suite tries the trainable half on every length there may be
  sizes: [{ samples: 64 }],
  invalid: [undefined, 'a text', { channels: 1, values: [1, 2] }, wave(10), wave(8, { channels: 2 })],
}).register({ describe, it });
checkContinuousAdapter(() => createTemplateNameAdapter({ channels: 2, patch: 8, lengths: [16], scale: 100 }), {
  title: 'continuous adapter, two channels',
  samples: [wave(16, { channels: 2, height: 100 })],
}).register({ describe, it });

describe('template-name', () => {
  it('makes a token of every patch', () => {
    assert.deepEqual(createTemplateNameAdapter({ patch: 4 }).tokenGrid([32, 1]), [8]);
  });

  it('refuses settings that contradict each other', () => {
    const wrong = { code: 'config.invalid', place: 'template-name settings', found: 'a length of 32' };
    assert.throws(() => createTemplateNameAdapter({ patch: 3 }), wrong);
  });

  it('says shortly what it cannot encode', async () => {
    const refusal = (found: string) => ({ code: 'sequence.invalid', found });
    const { encode } = createTemplateNameAdapter();
    await assert.rejects(encode({ values: [1, 2] } as never), refusal('an object with values'));
    await assert.rejects(encode(new Float32Array(1000) as never), refusal('a value of type Float32Array'));
    await assert.rejects(encode(wave(10)), refusal('10 numbers in 1 channels'));
  });

  it('names a misspelt size', () => {
    const { latentShape } = createTemplateNameAdapter();
    assert.throws(() => latentShape?.({ sampels: 64 }), { found: '{"sampels":64}' });
  });
});
