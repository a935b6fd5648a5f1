// The most memory that this process has ever held.
import { readFileSync } from 'node:fs';

/** Linux's own account first: what `getrusage` says there includes the memory of the process that started this one. */
export function peakMemoryMiB() {
  let kibibytes = process.resourceUsage().maxRSS;
  try {
    kibibytes = Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? kibibytes);
  } catch {
    // Not Linux.
  }
  return Math.round(kibibytes / 1024);
}
