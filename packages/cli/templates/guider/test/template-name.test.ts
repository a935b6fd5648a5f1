/** The conformance suites, and what is special about this guider. */
import { strict as assert } from 'node:assert';
import { describe, it } from 'node:test';
import { checkGuider, checkPlugin, straightSchedule } from '@transfuse/core/testing';
import plugin, { createTemplateNameGuider } from '../src/index.ts';

checkPlugin(plugin).register({ describe, it });
checkGuider(() => createTemplateNameGuider({ from: 0, to: 1 }), {
  identity: () => createTemplateNameGuider({ scale: 1, from: 0, to: 1 }),
}).register({ describe, it });
checkGuider(() => createTemplateNameGuider(), { title: 'guider in an interval' }).register({ describe, it });

describe('template-name', () => {
  it('applies in its interval alone', () => {
    const { appliesAt } = createTemplateNameGuider({ from: 0.25, to: 0.75 });
    const applies = [0, 0.25, 0.5, 0.75, 1].map((time) =>
      appliesAt?.({ index: 0, of: 5, time, level: straightSchedule.at(time) }),
    );
    assert.deepEqual(applies, [false, true, true, true, false]);
  });

  it('goes beyond the conditional output, away from the one without text', () => {
    const { guided } = createTemplateNameGuider({ scale: 3 }).guide({
      moment: { index: 2, of: 5, time: 0.5, level: straightSchedule.at(0.5) },
      latent: Float32Array.of(0),
      latentShape: [1],
      prediction: 'velocity',
      outputs: { conditional: Float32Array.of(2), 'without-text': Float32Array.of(1) },
      guided: Float32Array.of(2),
      memory: [],
    });
    assert.deepEqual([...guided], [4]); // 1 + 3 (2 - 1)
  });
});
