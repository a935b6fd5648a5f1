/**
 * Tensors by name that note which names were read and not there. An adapter that reads a name that nobody gave hands
 * `undefined` to some op, whose message then speaks of an argument `a`; the note says which name it was.
 */
import type { NamedTensors } from '../contracts/tensors.ts';
import { brokenContract } from './broken-contract.ts';

/** Tensors that one half of an adapter reads. */
export interface NotedReads {
  /** The tensors, read as before. */
  readonly tensors: NamedTensors;
  /** Names that were read and not there, in the order they were read. */
  readonly missing: readonly string[];
}

/** Notes what is read from here on. */
export function noteReads(given: NamedTensors): NotedReads {
  const missing: string[] = [];
  const tensors = new Proxy(given, {
    get(target, name) {
      if (typeof name === 'string' && !(name in target)) missing.push(name);
      return Reflect.get(target, name) as unknown;
    },
  });
  return { tensors, missing };
}

/**
 * Calls a half of an adapter. Where it throws after it read a name that was not there, the check fails with the sentence
 * about that name; reading a name to see whether it is there is fine.
 */
export function insistGiven<Result>(
  call: () => Result,
  sentences: readonly (readonly [reads: NotedReads, sentence: (name: string) => string])[],
): Result {
  try {
    return call();
  } catch (error) {
    for (const [{ missing }, sentence] of sentences) {
      if (missing[0] !== undefined) brokenContract(sentence(missing[0]), error);
    }
    throw error;
  }
}
