/** The conformance suites, and what is special about this schedule. */
import { strict as assert } from 'node:assert';
import { describe, it } from 'node:test';
import { checkNoiseSchedule, checkPlugin } from '@transfuse/core/testing';
import plugin, { createTemplateNameSchedule } from '../src/index.ts';

checkPlugin(plugin).register({ describe, it });
for (const power of [1, 2, 8]) {
  checkNoiseSchedule(() => createTemplateNameSchedule({ power }), {
    title: `noise schedule of power ${power}`,
    fromConfig: createTemplateNameSchedule,
  }).register({ describe, it });
}

describe('template-name', () => {
  it('keeps the data longer with a larger power', () => {
    const alpha = (power: number) => createTemplateNameSchedule({ power }).at(0.5).alpha;
    assert.deepEqual([1, 2, 3].map(alpha), [0.5, 0.75, 0.875]);
  });

  it('refuses a power out of range', () => {
    assert.throws(() => createTemplateNameSchedule({ power: 0.5 }), { code: 'schedule.invalid' });
  });
});
