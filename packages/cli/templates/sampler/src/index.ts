/**
 * The plugin: what a host loads, and what a configuration names its contributions by. The default export is the plugin,
 * so that `plugins: ['template-package']` in a configuration file finds it.
 */
import { contribution, definePlugin } from '@transfuse/core';
import { Type } from 'typebox';
import { createTemplateNameSampler } from './template-name.ts';

export { createTemplateNameSampler, type TemplateNameOptions } from './template-name.ts';

const templateName = contribution('sampler', {
  name: 'template-name',
  description: 'A second-order multistep method, one evaluation of the network a step.', // shown in lists of plugins
  // The host checks settings by this schema and fills in its defaults before `create` runs.
  configSchema: Type.Object(
    { order: Type.Integer({ minimum: 1, maximum: 2, default: 2, description: '1 or 2 estimates per step.' }) },
    { additionalProperties: false },
  ),
  create: ({ order }) => createTemplateNameSampler({ order }),
});

export default definePlugin({
  manifest: {
    name: 'template-package',
    version: '0.1.0',
    api: '^1.0.0', // the plugin API this is written for
    provides: ['sampler:template-name'], // exactly what `contributions` holds
  },
  contributions: [templateName],
});
