// Runs a measurement in a process of its own, in the same run as ours: a peer's script where a Python that has the peer is
// found (TRANSFUSE_PEER_PYTHON, or python3), or a script of this folder.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = (path) => fileURLToPath(new URL(`./${path}`, import.meta.url));

/** The script's JSON line, its last one. */
async function measure(command, args, timeout) {
  const { stdout } = await promisify(execFile)(command, args, { timeout });
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** What is said of a measurement that there is not: the error's own line where its process ended with one. */
function unavailable(error) {
  const lines = String(error.stderr || error.message)
    .trim()
    .split('\n');
  return { unavailable: lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) };
}

/** @returns the script's JSON line, or why there is none. */
export async function measurePeer(name, args = []) {
  const python = process.env.TRANSFUSE_PEER_PYTHON ?? 'python3';
  return measure(python, [script(`peers/${name}`), ...args], 300_000).catch(unavailable);
}

/** @returns the JSON line of a script of this folder; throws what the script throws. */
export const measureProcess = (name, args = []) => measure(process.execPath, [script(name), ...args], 0);

/** {@link measureProcess}, or why there is no line. */
export const tryProcess = (name, args = []) => measureProcess(name, args).catch(unavailable);
