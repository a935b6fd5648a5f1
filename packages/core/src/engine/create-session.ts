/**
 * Makes a session of ONNX Runtime from an encoded graph: from the optimized model that an earlier process left in the
 * cache, or by optimizing it, which leaves one there. The stored model is what the optimizer made and is loaded without
 * optimizing again, so both ways run the same operators and give the same bits.
 */
import * as ort from 'onnxruntime-node';
import type { ModelCache } from './model-cache.ts';
import { runtimeVersion } from './session-settings.ts';

/** Where an optimized model is looked for and kept. */
export interface CachePlace {
  readonly cache: ModelCache;
  readonly key: string;
  /** The function's name, for whoever looks into the cache. */
  readonly name: string;
}

/** Creates a session; throws what ONNX Runtime throws where the graph is not to be had. */
export async function createSession(
  encoded: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
  place: CachePlace | undefined,
): Promise<ort.InferenceSession> {
  const optimizing = { ...options, graphOptimizationLevel: 'all' } as const;
  if (place === undefined) return ort.InferenceSession.create(encoded, optimizing);
  const { cache, key, name } = place;
  const stored = await cache.read(key);
  if (stored !== undefined) {
    try {
      return await ort.InferenceSession.create(stored, { ...options, graphOptimizationLevel: 'disabled' });
    } catch {
      await cache.remove(key);
    }
  }
  const draft = await cache.draft(key, { function: name, runtime: runtimeVersion });
  if (draft !== undefined) {
    try {
      const session = await ort.InferenceSession.create(encoded, { ...optimizing, optimizedModelFilePath: draft.path });
      await draft.keep();
      return session;
    } catch {
      await draft.drop(); // a full disk, or a graph that fails without a draft as well
    }
  }
  return ort.InferenceSession.create(encoded, optimizing);
}
