/** Other runtimes that exported models are driven by: Python's ONNX Runtime, and the one for the web. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The Python that has `onnxruntime`; the same variable names it for the benchmarks. */
const python = process.env['TRANSFUSE_PEER_PYTHON'] ?? 'python3';
const script = fileURLToPath(new URL('../reference/run_export.py', import.meta.url));

/** Why Python cannot drive exports here; undefined where it can. */
export const pythonProblem: string | undefined = (() => {
  const { status, stderr, error } = spawnSync(python, ['-c', 'import onnxruntime, onnx'], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `${python} has no onnxruntime and onnx (${error?.message ?? stderr.trim().split('\n').at(-1)}); TRANSFUSE_PEER_PYTHON may name one that has`;
})();

/** What `run_export.py` answers to a request. */
export function askPython<Answer>(request: object): Answer {
  return runPython<Answer>([script], JSON.stringify(request));
}

/** Runs Python and reads the JSON it prints. */
export function runPython<Answer>(args: readonly string[], input = '', folder?: string): Answer {
  const { status, stdout, stderr } = spawnSync(python, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...(folder !== undefined && { cwd: folder }),
  });
  if (status !== 0) throw new Error(`${args.join(' ').slice(0, 200)}: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}

/** A session of ONNX Runtime for the web, as far as tests use it. */
interface WebSession {
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>;
  release(): Promise<void>;
}

/** ONNX Runtime for the web, as far as tests use it. */
export interface WebRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: { readonly executionProviders: readonly string[] }): Promise<WebSession>;
  };
  readonly Tensor: new (type: string, data: unknown, shape: readonly number[]) => unknown;
}

const webPackage = 'onnxruntime-web';

/** `onnxruntime-web` where it is installed. */
export const webRuntime: WebRuntime | undefined = await import(/* @vite-ignore */ webPackage).then(
  (module: { readonly default?: WebRuntime } & WebRuntime) => module.default ?? module,
  () => undefined,
);
