/**
 * The plugin: what a host loads, and what a configuration names its contributions by. The default export is the plugin,
 * so that `plugins: ['template-package']` in a configuration file finds it.
 */
import { contribution, definePlugin } from '@transfuse/core';
import { Type } from 'typebox';
import { createTemplateNameGuider } from './template-name.ts';

export { createTemplateNameGuider, type TemplateNameOptions } from './template-name.ts';

const time = (description: string, fallback: number) =>
  Type.Number({ minimum: 0, maximum: 1, default: fallback, description });

const templateName = contribution('guider', {
  name: 'template-name',
  description: 'Classifier-free guidance in an interval of noise.', // shown in lists of plugins
  // The host checks settings by this schema and fills in its defaults before `create` runs.
  configSchema: Type.Object(
    {
      scale: Type.Number({ minimum: 0, maximum: 100, default: 3, description: 'How far; 1 is no guidance.' }),
      from: time('The least noisy time with guidance.', 0.2),
      to: time('The noisiest time with guidance.', 0.8),
    },
    { additionalProperties: false },
  ),
  create: (settings) => createTemplateNameGuider(settings),
});

export default definePlugin({
  manifest: {
    name: 'template-package',
    version: '0.1.0',
    api: '^1.0.0', // the plugin API this is written for
    provides: ['guider:template-name'], // exactly what `contributions` holds
  },
  contributions: [templateName],
});
