// Things chosen by name on the command line, with settings where they are wanted: `--sampler heun`, or
// `--sampler '{"name":"heun","sigmas":"karras"}'`; guidance also takes a number, and lists.
import { InvalidArgumentError } from 'commander';
import type { GuidanceConfig, NamedSettings } from '@transfuse/core';

/** Reads a name, or a JSON object with a name. */
export function parseNamed(text: string): NamedSettings {
  const value = text.trimStart().startsWith('{') ? parseJson(text) : { name: text };
  if (isNamed(value)) return value;
  throw new InvalidArgumentError('Write a name, or {"name":"…"} with settings.');
}

/** Reads a scale, a guider's name, or JSON of one guider or a list. */
export function parseGuidance(text: string): GuidanceConfig {
  const scale = Number(text);
  if (text.trim() !== '' && !Number.isNaN(scale)) return scale;
  if (!text.trimStart().startsWith('[')) return parseNamed(text);
  const list = parseJson(text);
  if (Array.isArray(list) && list.length > 0 && list.every(isNamed)) return list;
  throw new InvalidArgumentError('Write a list of guiders, each {"name":"…"}.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidArgumentError(`This is not JSON: ${cause instanceof Error ? cause.message : String(cause)}.`);
  }
}

function isNamed(value: unknown): value is NamedSettings {
  return typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string';
}
