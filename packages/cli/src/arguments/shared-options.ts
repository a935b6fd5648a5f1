// Options that several commands share: how to show errors, and which engine runs tensors.
import { type Command, Option } from 'commander';
import type { EngineConfig } from '@transfuse/core';
import { parseCount } from './number-argument.ts';

/** What every command takes. */
export interface DebugOptions {
  readonly debug?: true;
}

/** What commands take whose results a script may read. */
export interface JsonOptions {
  readonly json?: true;
}

/** What commands take that run tensors. */
export interface EngineOptions {
  readonly engine?: 'auto' | 'compiled' | 'eager';
  readonly threads?: number;
  readonly backend?: string;
  readonly provider?: 'cpu' | 'webgpu' | 'cuda';
}

/** What commands take that open a checkpoint: a configuration whose plugins the checkpoint needs. */
export interface ConfigOptions {
  readonly config?: string;
}

/** Adds `--json` and `--debug`. */
export function addReportingOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON for scripts, errors included (those on standard error)')
    .option('--debug', 'show more messages, and the stack of an error');
}

/** Adds `--config`. */
export function addConfigOption(command: Command): Command {
  return command.option('--config <file>', 'a configuration file whose plugins are loaded too');
}

/** Adds `--engine`, `--threads`, `--backend` and `--provider`. */
export function addEngineOptions(command: Command): Command {
  const engines = ['auto', 'compiled', 'eager'];
  return command
    .addOption(new Option('--engine <name>', 'which engine runs tensors (default: auto)').choices(engines))
    .option('--threads <count>', 'threads of the compiled engine (default: every core)', parseCount)
    .option('--backend <name>', 'TensorFlow.js backend of the eager engine: cpu, wasm, webgpu, tensorflow')
    .addOption(
      new Option('--provider <name>', 'where the compiled engine computes (default: cpu)').choices([
        'cpu',
        'webgpu',
        'cuda',
      ]),
    );
}

/** The engine section that options ask for, over that of a configuration. */
export function engineConfig(options: EngineOptions, configured: EngineConfig = {}): EngineConfig {
  const { engine: name, threads, backend, provider } = options;
  // An engine chosen on the command line, by whatever option, does not inherit what belongs to another one.
  const { backend: configuredBackend, provider: configuredProvider, ...others } = configured;
  const inherits = name === undefined;
  const inheritsBackend = inherits && provider === undefined && configuredBackend !== undefined;
  const inheritsProvider = inherits && backend === undefined && configuredProvider !== undefined;
  return {
    ...others,
    ...(inheritsBackend && { backend: configuredBackend }),
    ...(inheritsProvider && { provider: configuredProvider }),
    ...(provider !== undefined && { provider }),
    ...(name !== undefined && { name }),
    ...(threads !== undefined && { threads }),
    ...(backend !== undefined && { backend }),
  };
}
