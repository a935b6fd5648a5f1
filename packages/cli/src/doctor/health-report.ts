// Gathers what `transfuse doctor` tells: versions, each engine with what it needs and whether it works, the engine that
// would be chosen, and the packages that data sets read.
import type { EngineConfig, Logger } from '@transfuse/core';
import { findNativeTensorflow } from '@transfuse/core/engine';
import { type EngineTrial, tryEngine } from './engine-check.ts';
import { installedVersion } from './installed-package.ts';

/** A package and its version, null where it is not installed. */
export interface PackageReport {
  readonly name: string;
  readonly version: string | null;
  /** How to install it, where it is not. */
  readonly install?: string;
}

/** One engine on one backend. */
export interface EngineReport {
  /** `compiled`, `compiled on <provider>` or `eager on <backend>`. */
  readonly name: string;
  readonly needs: readonly PackageReport[];
  /** Whether a machine without it lacks nothing by default. */
  readonly optional: boolean;
  /** Null where what it needs is not installed. */
  readonly trial: EngineTrial | null;
}

/** Everything the doctor found. */
export interface HealthReport {
  readonly node: string;
  readonly platform: string;
  readonly packages: readonly PackageReport[];
  readonly engines: readonly EngineReport[];
  /** The engine that commands would use with the same options. */
  readonly chosen: EngineTrial;
  readonly data: readonly { readonly dataset: string; readonly packages: readonly PackageReport[] }[];
}

const emojiPackages = [
  'emojibase-data',
  '@iconify-json/twemoji',
  '@iconify-json/noto',
  '@iconify-json/fluent-emoji-flat',
  '@lobehub/fluent-emoji-3d',
] as const;

/** Examines the machine. @param choice the engine options of the command line */
export async function examine(choice: EngineConfig, logger: Logger): Promise<HealthReport> {
  const threads = choice.threads === undefined ? {} : { threads: choice.threads };
  const runtime = await report('onnxruntime-node');
  const cpu = await report('@tensorflow/tfjs-backend-cpu');
  const engines: EngineReport[] = [
    {
      name: 'compiled',
      needs: [runtime],
      optional: false,
      trial: runtime.version === null ? null : await tryEngine({ name: 'compiled', ...threads }, logger),
    },
    {
      name: 'eager on cpu',
      needs: [cpu],
      optional: false,
      trial: cpu.version === null ? null : await tryEngine({ name: 'eager', backend: 'cpu' }, logger),
    },
    ...(await examineOptional(threads, logger)),
    await examineNative(logger),
  ];
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    packages: await Promise.all(
      ['@transfuse/core', '@tensorflow/tfjs-core', 'onnxruntime-node', 'sharp'].map((name) => report(name)),
    ),
    engines,
    chosen: await tryEngine(choice, logger),
    data: [{ dataset: 'emoji', packages: await Promise.all(emojiPackages.map((name) => report(name))) }],
  };
}

/** Engines that are tried where their packages are installed: they need these, or a graphics processor. */
async function examineOptional(threads: { readonly threads?: number }, logger: Logger): Promise<EngineReport[]> {
  const optional: readonly (readonly [string, readonly string[], EngineConfig])[] = [
    ['eager on wasm', ['@tensorflow/tfjs-backend-wasm'], { name: 'eager', backend: 'wasm' }],
    ['eager on webgpu', ['@tensorflow/tfjs-backend-webgpu', 'webgpu'], { name: 'eager', backend: 'webgpu' }],
    ['compiled on webgpu', ['onnxruntime-node'], { name: 'compiled', provider: 'webgpu', ...threads }],
    ['compiled on cuda', ['onnxruntime-node'], { name: 'compiled', provider: 'cuda', ...threads }],
  ];
  const reports: EngineReport[] = [];
  for (const [name, packages, choice] of optional) {
    const needs = await Promise.all(packages.map((needed) => report(needed)));
    const installed = needs.every(({ version }) => version !== null);
    reports.push({ name, needs, optional: true, trial: installed ? await tryEngine(choice, logger) : null });
  }
  return reports;
}

/** Native TensorFlow, wherever it lies; a package without its binding counts as missing. */
async function examineNative(logger: Logger): Promise<EngineReport> {
  const place = findNativeTensorflow().find(({ built }) => built);
  const setup = 'npx transfuse setup tfjs-node';
  return {
    name: 'eager on tensorflow',
    needs: [
      place === undefined
        ? { name: '@tensorflow/tfjs-node', version: null, install: setup }
        : { name: place.name, version: place.version },
    ],
    optional: true,
    trial: place === undefined ? null : await tryEngine({ name: 'eager', backend: 'tensorflow' }, logger),
  };
}

async function report(name: string): Promise<PackageReport> {
  const version = await installedVersion(name);
  return version === undefined ? { name, version: null, install: `npm install ${name}` } : { name, version };
}
