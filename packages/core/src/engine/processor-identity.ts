/**
 * What distinguishes this machine's processor for ONNX Runtime: the optimized form of a graph may use layouts that only
 * some instruction sets have, so a stored one belongs to processors that report the same.
 */
import { readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';

let known: string | undefined;

/** Platform, architecture, model and, where the system tells, instruction sets. Read once per process. */
export function processorIdentity(): string {
  known ??= [platform(), arch(), cpus()[0]?.model ?? 'unknown', instructionSets()].join('; ');
  return known;
}

/** Linux lists them, as `flags` or on ARM as `Features`; elsewhere the model's name has to do. */
function instructionSets(): string {
  try {
    return /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim() ?? '';
  } catch {
    return '';
  }
}
