/** Checks what functions are compiled with, and what they give: the border between callers' code and engines. */
import { Tensor } from '@tensorflow/tfjs-core';
import type { CompileOptions, TensorFunctionResult, TensorStore } from '../contracts/engine.ts';
import type { TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { checkSpec, isTensorSpec, oneOf, tensorSpecText } from './check-feed.ts';

/** What names of graph values begin with besides names of stores. */
const reserved: ReadonlySet<string> = new Set(['input', 'output', 'update']);

/** Throws `config.invalid` for inputs that no tensor can be, and for frozen stores that are not there. */
export function checkCompileOptions({ name, inputs, stores = {}, frozen = [] }: CompileOptions): void {
  for (const [input, spec] of Object.entries(inputs)) {
    if (isTensorSpec(spec)) continue;
    throw new TransfuseError({
      code: 'config.invalid',
      place: `compiled function ${name}, input ${input}`,
      found: JSON.stringify(spec) ?? 'nothing',
      expected: tensorSpecText,
      mend: "Write, for example, { shape: [2, 3], dtype: 'float32' }; compile once for each shape.",
    });
  }
  for (const store of Object.keys(stores)) {
    if (!reserved.has(store) && !store.includes('/')) continue;
    throw new TransfuseError({
      code: 'config.invalid',
      place: `compiled function ${name}, stores`,
      found: `the name "${store}"`,
      expected: `a name without slashes, and none of ${[...reserved].join(', ')}`,
      mend: 'Give the store another name.',
    });
  }
  const unknown = frozen.find((store) => !Object.hasOwn(stores, store));
  if (unknown === undefined) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: `compiled function ${name}, frozen`,
    found: `"${unknown}"`,
    expected: oneOf(Object.keys(stores)),
    mend: 'Freeze stores by the names under which the function has them.',
  });
}

/** Throws `config.invalid` for a store that an engine of another kind made. */
export function checkOwnStores(
  { name, stores = {} }: CompileOptions,
  isOwn: (store: TensorStore) => boolean,
  engine: string,
): void {
  const [foreign] = Object.entries(stores).find(([, store]) => !isOwn(store)) ?? [];
  if (foreign === undefined) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: `compiled function ${name}, store ${foreign}`,
    found: 'no store of an engine of this kind',
    expected: `a store that a ${engine} engine created`,
    mend: 'Create the store with the engine that compiles the function.',
  });
}

/** Throws `engine.untraceable` for what is no result of a tensor function. */
export function checkResult(name: string, result: unknown): asserts result is TensorFunctionResult {
  const { outputs, updates = {} } = (result ?? {}) as Partial<TensorFunctionResult>;
  const isRecord = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !(value instanceof Tensor);
  if (!isRecord(updates)) throw noResult(name, 'updates', updates);
  const groups: readonly (readonly [string, unknown])[] = [
    ['outputs', outputs],
    ...Object.entries(updates).map(([store, tensors]) => [`updates.${store}`, tensors] as const),
  ];
  for (const [group, tensors] of groups) {
    if (!isRecord(tensors)) throw noResult(name, group, tensors);
    for (const [tensor, value] of Object.entries(tensors)) {
      if (!(value instanceof Tensor)) throw noResult(name, `${group}.${tensor}`, value);
    }
  }
}

/** Throws `engine.feed-mismatch` for an update that no store can take. */
export function checkUpdate(
  { name, stores = {}, frozen = [] }: Pick<CompileOptions, 'name' | 'stores' | 'frozen'>,
  store: string,
  tensor: string,
  value: { readonly shape: readonly number[]; readonly dtype: string },
): void {
  const place = `compiled function ${name}, update of ${store}/${tensor}`;
  const specs: Readonly<Record<string, TensorSpec>> | undefined = stores[store]?.specs;
  if (specs === undefined) throw noTarget(place, 'a store that the function does not have', oneOf(Object.keys(stores)));
  if (frozen.includes(store)) throw noTarget(place, 'a frozen store', 'a store that may change');
  const spec = specs[tensor];
  if (spec === undefined) {
    throw noTarget(place, 'a tensor that the store does not hold', oneOf(Object.keys(specs)));
  }
  checkSpec(place, spec, value);
}

function noResult(name: string, part: string, value: unknown): TransfuseError {
  const isNothing = value === undefined || value === null;
  return new TransfuseError({
    code: 'engine.untraceable',
    place: `compiled function ${name}, its result, ${part}`,
    found: isNothing ? 'nothing' : `a ${typeof value}`,
    expected: part === 'outputs' || /^updates(\.[^.]*)?$/.test(part) ? 'tensors by name' : 'a tensor',
    mend: 'Return { outputs: { name: tensor, … } }, with updates: { store: { name: tensor, … } } where stores change.',
  });
}

function noTarget(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.feed-mismatch',
    place,
    found,
    expected,
    mend: 'Update only tensors that the stores of the function were created with, of stores that are not frozen.',
  });
}
