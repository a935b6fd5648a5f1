/**
 * SHA-256 (FIPS 180-4) in one call, in Node.js and in browsers. Node.js has it built in; a browser has it only
 * asynchronously, which is too late for constants that are borrowed, so there it is computed here.
 */
import { sha256 } from './sha256.ts';

const native = (globalThis.process as NodeJS.Process | undefined)?.getBuiltinModule?.('node:crypto');

/** The SHA-256 of bytes, as 64 hexadecimal digits. */
export function digest(...parts: readonly Uint8Array[]): string {
  if (native === undefined) return sha256(parts);
  const hash = native.createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
