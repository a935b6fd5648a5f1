/** Other runtimes that exported models are driven by: Python's ONNX Runtime, and the one for the web. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OptionalPart } from './missing-part.ts';
import type { OnnxRuntime } from './onnx-driver.ts';

/** The Python that has `onnxruntime`; the same variable names it for the benchmarks. */
const python = process.env['TRANSFUSE_PEER_PYTHON'] ?? 'python3';
const script = fileURLToPath(new URL('../reference/run_export.py', import.meta.url));

const pythonProblem: string | undefined = (() => {
  const { status, stderr, error } = spawnSync(python, ['-c', 'import onnxruntime, onnx'], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `${python} has no onnxruntime and onnx (${error?.message ?? stderr.trim().split('\n').at(-1)})`;
})();

/** Python's runtime, if it is there. */
export const pythonPart: OptionalPart = {
  what: 'exporting for Python’s ONNX Runtime',
  problem: pythonProblem,
  mend: 'TRANSFUSE_PEER_PYTHON may name a Python that has them',
};

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

const webPackage = 'onnxruntime-web';

/** `onnxruntime-web` where it is installed. */
export const webRuntime: OnnxRuntime | undefined = await import(/* @vite-ignore */ webPackage).then(
  (module: { readonly default?: OnnxRuntime } & OnnxRuntime) => module.default ?? module,
  () => undefined,
);

/** The web's runtime, if it is there. */
export const webPart: OptionalPart = {
  what: 'exporting for the web’s ONNX Runtime',
  problem: webRuntime === undefined ? 'onnxruntime-web is not installed' : undefined,
  mend: '`npm ci` installs it',
};
