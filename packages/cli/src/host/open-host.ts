// Opens the host that a command works with, from the default plugins and those of a configuration file, and closes it
// when the command is done or has failed.
import { createHost, type EngineConfig, type Host, type HostConfig, type Logger } from '@transfuse/core';
import { chooseEngine } from '@transfuse/core/engine';
import { type ConfigFile, readConfigFile } from '../config/config-file.ts';
import { pluginsOf } from '../config/plugin-modules.ts';
import { withDefaultPlugins } from './default-plugins.ts';
import { createIdleEngine } from './idle-engine.ts';
import { readStoredConfig } from './stored-config.ts';

/** What a host is opened with. */
export interface HostRequest {
  /** A configuration whose plugins are loaded beside the default ones. */
  readonly configFile?: ConfigFile | undefined;
  /** Settings of plugins by plugin name. Default: those of the configuration file. */
  readonly plugin?: HostConfig['plugin'] | undefined;
  /** Which engine, or `none` for a command that runs no tensors. */
  readonly engine: EngineConfig | 'none';
  /** Whether the engine records where its time goes; default `none`. */
  readonly profile?: 'none' | 'operators' | undefined;
  readonly logger: Logger;
}

/** Opens a host, works with it, and closes it whatever happens. */
export async function withHost<Result>(request: HostRequest, work: (host: Host) => Promise<Result>): Promise<Result> {
  const { configFile, engine, logger, profile } = request;
  const plugin = request.plugin ?? (configFile?.value['plugin'] as HostConfig['plugin']);
  const host = await createHost({
    plugins: withDefaultPlugins(configFile === undefined ? [] : await pluginsOf(configFile)),
    config: { ...(plugin !== undefined && { plugin }), ...(engine !== 'none' && { engine }) },
    ...(engine === 'none' && { engine: createIdleEngine() }),
    ...(profile === 'operators' && {
      chooseEngine: (config, chooseLogger) => chooseEngine({ ...config, profile }, chooseLogger),
    }),
    logger,
  });
  let result: Result;
  try {
    result = await work(host);
  } catch (error) {
    // The first error is the one to tell.
    await host.dispose().catch((later: Error) => logger.warn(later.message));
    throw error;
  }
  await host.dispose();
  return result;
}

/** How a command that reads a checkpoint opens its host. */
export interface CheckpointHostRequest {
  /** The checkpoint folder. */
  readonly folder: string;
  /** Path of a configuration file with plugins the checkpoint needs. */
  readonly config?: string | undefined;
  readonly engine: EngineConfig | 'none';
  /** Whether the engine records where its time goes; default `none`. */
  readonly profile?: 'none' | 'operators' | undefined;
  readonly logger: Logger;
}

/** Opens a host for a checkpoint: with the settings of plugins that stand in its `config.json`. */
export async function withCheckpointHost<Result>(
  { folder, config, engine, profile, logger }: CheckpointHostRequest,
  work: (host: Host) => Promise<Result>,
): Promise<Result> {
  const configFile = config === undefined ? undefined : await readConfigFile(config);
  const plugin = (configFile?.value['plugin'] ?? (await readStoredConfig(folder)).plugin) as HostConfig['plugin'];
  return withHost({ configFile, plugin, engine, profile, logger }, work);
}
