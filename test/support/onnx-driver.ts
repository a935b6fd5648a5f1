/**
 * Reads sequences with exported files, by what `transfuse-export.json` says and nothing else, as a program in another
 * language would: what is fed, in which shapes, where tokens stand and what is kept for later is taken from there.
 */

/** A build of ONNX Runtime (for Node.js, for the web), as far as it is used here. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: { readonly executionProviders: readonly string[] }): Promise<Session>;
  };
  readonly Tensor: new (
    type: 'float32' | 'int32',
    data: Float32Array | Int32Array,
    shape: readonly number[],
  ) => unknown;
}
interface Session {
  run(feeds: Readonly<Record<string, unknown>>): Promise<Outputs>;
  release(): Promise<void>;
}
type Outputs = Readonly<Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>>;

/** What of the description a driver reads. */
export interface ExportDescription {
  readonly vocabulary: {
    readonly beginDocument: number;
    readonly blocks: Readonly<Record<string, { begin: number; end: number; shape: 'fixed' | 'told' }>>;
    readonly sizes: { readonly offset: number; readonly count: number };
  };
  readonly sizes: Readonly<
    Record<'capacity' | 'layers' | 'keyValueHeads' | 'headSize' | 'prefix' | 'branches', number>
  >;
  readonly positions: { readonly kind: 'sequence' | 'axial'; readonly axes: number };
  readonly prefix: ExportedPart;
  readonly textStep: ExportedPart;
  readonly diffusionSteps: Readonly<Record<string, ExportedBlock>>;
  readonly diffusion: { readonly evaluations: readonly ExportedEvaluation[] };
}
interface ExportedPart {
  readonly file: string;
  readonly inputs: readonly ExportedValue[];
  readonly outputs: readonly ExportedValue[];
}
interface ExportedValue {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly meaning: string;
}
interface ExportedEvaluation {
  readonly time: number;
  readonly alpha: number;
  readonly sigma: number;
  readonly velocity: { readonly clean: number; readonly noise: number };
}
interface ExportedBlock extends ExportedPart {
  readonly modality: string;
  readonly latentShape: readonly number[];
  readonly grid: readonly number[];
  readonly tokens: number;
  readonly evaluations: readonly ExportedEvaluation[];
}

/** Keys and values of one sequence, `[keyValueHeads, capacity, headSize]` by `keys.<layer>` and `values.<layer>`. */
export interface DrivenCache {
  readonly arrays: Readonly<Record<string, Float32Array>>;
  /** Positions that were read. */
  length: number;
}

/** Reads prompts, tokens and blocks, each into the cache of its sequence. */
export interface ExportDriver {
  readonly about: ExportDescription;
  /** A new cache with a prompt in it, and the scores of the token after it. */
  readPrompt(ids: readonly number[]): Promise<{ readonly cache: DrivenCache; readonly logits: Float32Array }>;
  /** The scores of the token after this one. */
  readToken(cache: DrivenCache, id: number): Promise<Float32Array>;
  /** What the network predicts of a noisy block after each of the sequences. */
  predict(
    block: ExportedBlock,
    caches: readonly DrivenCache[],
    latent: Float32Array,
    time: number,
  ): Promise<readonly Float32Array[]>;
  /** Appends a clean block. */
  readBlock(cache: DrivenCache, block: ExportedBlock, latent: Float32Array): Promise<void>;
  /** The files that were needed so far. */
  opened(): readonly string[];
  close(): Promise<void>;
}

/** Opens an exported folder's files in a build of ONNX Runtime. */
export function openExport(
  files: Readonly<Record<string, Uint8Array>>,
  { InferenceSession, Tensor }: OnnxRuntime,
  provider: 'cpu' | 'wasm',
): ExportDriver {
  const about = JSON.parse(new TextDecoder().decode(files['transfuse-export.json'])) as ExportDescription;
  const { capacity, layers, keyValueHeads, headSize, prefix, branches } = about.sizes;
  const { kind, axes } = about.positions;
  const names = Array.from({ length: layers }, (_, layer) => [`keys.${layer}`, `values.${layer}`]).flat();
  const sessions = new Map<string, Promise<Session>>();
  const sessionOf = (file: string): Promise<Session> => {
    const session = sessions.get(file) ?? InferenceSession.create(files[file]!, { executionProviders: [provider] });
    sessions.set(file, session);
    return session;
  };

  /** Feeds what the description lists, in the shapes it gives; the runtime refuses others than the file's. */
  const run = async (
    { file, inputs }: ExportedPart,
    feeds: Readonly<Record<string, Float32Array | Int32Array>>,
    caches: readonly DrivenCache[],
  ): Promise<Outputs> => {
    const all: Record<string, Float32Array | Int32Array> = { ...feeds };
    all['input/prefixMask'] = joined(
      caches.map(({ length }) => new Float32Array(capacity).fill(-1e9).fill(0, 0, length)),
    );
    for (const name of names) all[`input/${name}`] = joined(caches.map(({ arrays }) => arrays[name]!));
    const fed = inputs.map(({ name, shape, dtype }) => [name, new Tensor(dtype, all[name]!, shape)] as const);
    return (await sessionOf(file)).run(Object.fromEntries(fed));
  };

  /** Takes over the first positions of what was computed, of the first branch. */
  const append = (cache: DrivenCache, outputs: Outputs, count: number): void => {
    for (const [name, array] of Object.entries(cache.arrays)) {
      const { data, dims } = outputs[`output/${name}`]!;
      for (let head = 0; head < keyValueHeads; head++) {
        const from = head * dims[2]! * headSize;
        array.set(data.subarray(from, from + count * headSize), (head * capacity + cache.length) * headSize);
      }
    }
    cache.length += count;
  };

  /** Where a token of a block stands along every axis: the last ones are the grid's, in raster order. */
  const placeInBlock = (grid: readonly number[], start: number, token: number): number[] => {
    if (kind === 'sequence') return [start + token];
    const place = Array<number>(axes).fill(start);
    let rest = token;
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      place[axes - grid.length + axis]! += rest % grid[axis]!;
      rest = Math.floor(rest / grid[axis]!);
    }
    return place;
  };

  const runBlock = (
    { grid, tokens, ...block }: ExportedBlock,
    given: readonly DrivenCache[],
    latent: Float32Array,
    time: number,
  ) => {
    // The file evaluates so many branches at once; those beyond the given ones are computed for nothing.
    const caches = Array.from({ length: branches }, (_, branch) => given[Math.min(branch, given.length - 1)]!);
    const places = caches.flatMap(({ length }) =>
      Array.from({ length: tokens }, (_, token) => placeInBlock(grid, length, token)),
    );
    const feeds = {
      'input/latent': joined(caches.map(() => latent)),
      'input/time': new Float32Array(branches).fill(time),
      'input/positions': Int32Array.from(
        Array.from({ length: axes }, (_, axis) => places.map((place) => place[axis]!)).flat(),
      ),
    };
    return run(block, feeds, caches);
  };

  return {
    about,
    async readPrompt(ids) {
      const size = keyValueHeads * capacity * headSize;
      const arrays = Object.fromEntries(names.map((name) => [name, new Float32Array(size)]));
      const cache: DrivenCache = { arrays, length: 0 };
      const padded = Int32Array.from({ length: prefix }, (_, at) => ids[at] ?? 0);
      const asked = Int32Array.of(ids.length - 1);
      const outputs = await run(about.prefix, { 'input/ids': padded, 'input/asked': asked }, [cache]);
      append(cache, outputs, ids.length);
      return { cache, logits: outputs['output/logits']!.data };
    },
    async readToken(cache, id) {
      const positions = new Int32Array(axes).fill(cache.length);
      const outputs = await run(about.textStep, { 'input/ids': Int32Array.of(id), 'input/positions': positions }, [
        cache,
      ]);
      append(cache, outputs, 1);
      return outputs['output/logits']!.data;
    },
    async predict(block, caches, latent, time) {
      const { data } = (await runBlock(block, caches, latent, time))['output/prediction']!;
      return caches.map((_, branch) => data.slice(branch * latent.length, (branch + 1) * latent.length));
    },
    async readBlock(cache, block, latent) {
      append(cache, await runBlock(block, [cache], latent, 0), block.tokens);
    },
    opened: () => [...sessions.keys()],
    async close() {
      for (const session of sessions.values()) await (await session).release();
    },
  };
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
