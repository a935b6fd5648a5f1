/**
 * Where ONNX Runtime computes: on the processor, or on a graphics processor through WebGPU or CUDA. Says whether a
 * provider is there, and how a session is asked for it.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { TransfuseError } from '../errors/index.ts';
import { encodeOnnx, nodeName } from './onnx/encode-onnx.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { nodeRuntime } from './node-runtime.ts';
import { withPickedSlices } from './picked-slices.ts';
import { processorNodes } from './processor-nodes.ts';
import { runTrial, trialGraph } from './trial-graph.ts';
import { withTransposedOperands } from './transposed-operands.ts';
import { withEmptySequence } from './unreturned-results.ts';
import { webgpuGraph } from './webgpu-graph.ts';

/** A provider of the compiled engine. */
export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda';

type ProviderList = NonNullable<ort.InferenceSession.SessionOptions['executionProviders']>;

/** A graph as the provider computes it rightly, and the processor fast. */
export function providerGraph(graph: OnnxGraph, provider: ExecutionProvider): OnnxGraph {
  if (provider === 'webgpu') return webgpuGraph(graph);
  return provider === 'cpu' ? withEmptySequence(withPickedSlices(withTransposedOperands(graph))) : graph;
}

/** How a session asks for a provider; what it cannot run, the processor does. */
export function providerList(graph: OnnxGraph, provider: ExecutionProvider): ProviderList {
  if (provider === 'cpu') return ['cpu'];
  if (provider === 'cuda') return ['cuda', 'cpu'];
  const forceCpuNodeNames = processorNodes(graph).map(nodeName);
  return [{ name: 'webgpu', ...(forceCpuNodeNames.length > 0 && { forceCpuNodeNames }) }, 'cpu'];
}

/** Those of the engine's that the package was built with for this system; it may have more. */
function builtProviders(): readonly ExecutionProvider[] {
  const built = ort.listSupportedBackends().map(({ name }) => name);
  return (['cpu', 'webgpu', 'cuda'] as const).filter((name) => built.includes(name));
}

/** Checks what can be known without a device. Throws `engine.unavailable`. */
export function checkProvider(provider: ExecutionProvider): void {
  if (!builtProviders().includes(provider)) throw notBuilt(provider);
  if (provider === 'cuda' && process.platform === 'linux') checkCudaLibrary();
}

/** What computes, for logs. ONNX Runtime does not tell the name of a graphics processor; it takes the fastest. */
export function describeProvider(provider: ExecutionProvider, threads: number): string {
  return { cpu: `cpu, ${threads} threads`, webgpu: 'webgpu, default device', cuda: 'cuda, device 0' }[provider];
}

const ready = new Map<ExecutionProvider, Promise<void>>();

/** Resolves once a first session has run on the provider. Rejects with `engine.unavailable` where it has no device. */
export async function providerReady(provider: ExecutionProvider): Promise<void> {
  if (provider === 'cpu') return;
  let trial = ready.get(provider);
  if (trial === undefined) {
    trial = tryProvider(provider);
    ready.set(provider, trial);
    trial.catch(() => ready.delete(provider));
  }
  await trial;
}

/** Adds two numbers there. */
async function tryProvider(provider: ExecutionProvider): Promise<void> {
  try {
    const session = await ort.InferenceSession.create(encodeOnnx(trialGraph), {
      executionProviders: providerList(trialGraph, provider),
      logSeverityLevel: 4,
    });
    await runTrial(session, nodeRuntime);
  } catch (cause) {
    throw noDevice(provider, cause);
  }
}

/** The package downloads the CUDA provider when it is installed, unless install scripts are off. */
function checkCudaLibrary(): void {
  const library = 'libonnxruntime_providers_cuda.so';
  const folder = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin');
  const place = join(folder, 'napi-v6', process.platform, process.arch, library);
  if (existsSync(place)) return;
  throw new TransfuseError({
    code: 'engine.unavailable',
    place: 'engine.provider cuda',
    found: `no ${library} beside the binding of onnxruntime-node`,
    expected: place,
    mend:
      'Run `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node --ignore-scripts=false`, which downloads it from ' +
      'NuGet, or copy it and libonnxruntime_providers_shared.so out of the NuGet package Microsoft.ML.OnnxRuntime.Gpu.Linux ' +
      'of the same version; CUDA 12 and cuDNN 9 must be installed. Or choose another provider.',
  });
}

function notBuilt(provider: ExecutionProvider): TransfuseError {
  return new TransfuseError({
    code: 'engine.unavailable',
    place: `engine.provider ${provider}`,
    found: `onnxruntime-node for ${process.platform} ${process.arch}, which has no such provider`,
    expected: `one of ${builtProviders().join(', ')}`,
    mend: 'Choose another provider: engine: { provider: "cpu" }.',
  });
}

function noDevice(provider: ExecutionProvider, cause: unknown): TransfuseError {
  const [problem = ''] = (cause instanceof Error ? cause.message : String(cause)).trim().split('\n');
  const needs = {
    cpu: 'a processor',
    webgpu: 'a graphics processor with its driver; on Linux libvulkan.so.1 and a Vulkan driver',
    cuda: 'an NVIDIA GPU with its driver, CUDA 12 and cuDNN 9 where the system looks for libraries',
  };
  const mends = {
    cpu: 'Install dependencies again.',
    webgpu:
      'Install the driver (Debian: libvulkan1 and mesa-vulkan-drivers, or that of the vendor), or choose provider "cpu".',
    cuda: 'Install what is missing, or choose provider "cpu".',
  };
  return new TransfuseError({
    code: 'engine.unavailable',
    place: `engine.provider ${provider}`,
    found: `no device that ONNX Runtime can use (${problem.replace(/^.*?\b(?=Failed to)/, '')})`,
    expected: needs[provider],
    mend: mends[provider],
    cause,
  });
}
