// The command `plugins`: its options.
import type { Command } from 'commander';
import {
  addConfigOption,
  addReportingOptions,
  type ConfigOptions,
  type DebugOptions,
  type JsonOptions,
} from '../arguments/shared-options.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `plugins` takes. */
export interface PluginsOptions extends DebugOptions, JsonOptions, ConfigOptions {}

/** Adds the command. */
export function addPluginsCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('plugins')
    .summary('list the plugins and what each provides')
    .description('List the plugins that are there by default, those of a configuration, and what each provides.');
  addReportingOptions(addConfigOption(command)).action(async (options: PluginsOptions) => {
    const { runPlugins } = await import('../listing/run-plugins.ts');
    await runPlugins(options, surroundings);
  });
}
