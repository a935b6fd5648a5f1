/**
 * The plugin: what a host loads, and what a configuration names its contributions by. The default export is the plugin,
 * so that `plugins: ['template-package']` in a configuration file finds it.
 */
import { contribution, definePlugin } from '@transfuse/core';
import { Type } from 'typebox';
import { createTemplateNameAdapter } from './template-name.ts';

export { createTemplateNameAdapter, type TemplateName, type TemplateNameOptions } from './template-name.ts';

const templateName = contribution('continuous-adapter', {
  name: 'template-name',
  description: 'Time series as patches of samples through one linear layer.', // shown in lists of plugins
  // The host checks settings by this schema and fills in its defaults before `create` runs.
  configSchema: Type.Object(
    {
      channels: Type.Integer({ minimum: 1, maximum: 1024, default: 1, description: 'Numbers per sample.' }),
      patch: Type.Integer({ minimum: 1, maximum: 4096, default: 4, description: 'Samples per token.' }),
      lengths: Type.Array(Type.Integer({ minimum: 1 }), {
        minItems: 1,
        uniqueItems: true,
        default: [32, 64, 128],
        description: 'Samples of the series there may be.',
      }),
      scale: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'The largest value of the data.' }),
    },
    { additionalProperties: false },
  ),
  create: (settings) => createTemplateNameAdapter(settings),
});

export default definePlugin({
  manifest: {
    name: 'template-package',
    version: '0.1.0',
    api: '^1.0.0', // the plugin API this is written for
    provides: ['continuous-adapter:template-name'], // exactly what `contributions` holds
  },
  contributions: [templateName],
});
