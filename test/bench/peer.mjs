// Runs a peer's measurement script where a Python that has the peer is found, in the same run as ours. The Python is
// TRANSFUSE_PEER_PYTHON, or python3.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** @returns the script's JSON line, or why there is none. */
export async function measurePeer(script, args = []) {
  const python = process.env.TRANSFUSE_PEER_PYTHON ?? 'python3';
  const file = fileURLToPath(new URL(`./peers/${script}`, import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(python, [file, ...args], { timeout: 300_000 });
    return JSON.parse(stdout.trim().split('\n').at(-1));
  } catch (error) {
    return {
      unavailable: String(error.stderr || error.message)
        .trim()
        .split('\n')
        .at(-1),
    };
  }
}
