// Runs `transfuse plugins`: which plugins there are and what each contributes.
import type { ContributionDescription } from '@transfuse/core';
import type { PluginsOptions } from '../commands/plugins.ts';
import { readConfigFile } from '../config/config-file.ts';
import { withHost } from '../host/open-host.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import type { Surroundings } from '../surroundings.ts';
import { alignColumns } from '../text/columns.ts';

/** Lists plugins. */
export async function runPlugins(options: PluginsOptions, { stdout, stderr }: Surroundings): Promise<void> {
  const configFile = options.config === undefined ? undefined : await readConfigFile(options.config);
  const logger = createStreamLogger(stderr, { from: options.debug ? 'debug' : 'warn' });
  const plugins = await withHost({ configFile, engine: 'none', logger }, async (host) => {
    const contributions = host.contributions();
    return host.plugins().map(({ manifest: { name, version, api } }) => ({
      name,
      version,
      api,
      provides: contributions.filter(({ plugin }) => plugin === name).map(describe),
    }));
  });
  if (options.json) {
    stdout.write(`${JSON.stringify(plugins, null, 2)}\n`);
    return;
  }
  for (const { name, version, provides } of plugins) {
    stdout.write(`${name} ${version}\n`);
    for (const line of alignColumns(provides.map((item) => [`  ${item.kind}`, item.name, item.description]))) {
      stdout.write(`${line}\n`);
    }
  }
}

function describe({ kind, name, description, configSchema }: ContributionDescription) {
  return { kind, name, description, configSchema };
}
