/**
 * The plugin: what a host loads, and what a configuration names its contributions by. The default export is the plugin,
 * so that `plugins: ['template-package']` in a configuration file finds it.
 */
import { contribution, definePlugin } from '@transfuse/core';
import { Type } from 'typebox';
import { createTemplateNameSchedule } from './template-name.ts';

export { createTemplateNameSchedule, type TemplateNameOptions } from './template-name.ts';

const templateName = contribution('noise-schedule', {
  name: 'template-name',
  description: 'Data fade with a power of the time while noise grows evenly.', // shown in lists of plugins
  // The host checks settings by this schema and fills in its defaults before `create` runs.
  configSchema: Type.Object(
    { power: Type.Number({ minimum: 1, maximum: 8, default: 2, description: 'Larger keeps the data longer.' }) },
    { additionalProperties: false },
  ),
  create: ({ power }) => createTemplateNameSchedule({ power }),
});

export default definePlugin({
  manifest: {
    name: 'template-package',
    version: '0.1.0',
    api: '^1.0.0', // the plugin API this is written for
    provides: ['noise-schedule:template-name'], // exactly what `contributions` holds
  },
  contributions: [templateName],
});
