/** Checks what functions are compiled with, and what they give: the border between callers' code and engines. */
import { Tensor } from '@tensorflow/tfjs-core';
import type { CompileOptions, TensorFunctionResult } from '../contracts/engine.ts';
import type { TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { checkSpec, oneOf } from './check-feed.ts';

const types: ReadonlySet<string> = new Set(['float32', 'int32', 'bool']);

/** Throws `config.invalid` for inputs that no tensor can be, and for frozen stores that are not there. */
export function checkCompileOptions({ name, inputs, stores = {}, frozen = [] }: CompileOptions): void {
  for (const [input, spec] of Object.entries(inputs)) {
    const isShape = Array.isArray(spec?.shape) && spec.shape.every((size) => Number.isInteger(size) && size >= 0);
    if (isShape && types.has(spec.dtype)) continue;
    throw new TransfuseError({
      code: 'config.invalid',
      place: `compiled function ${name}, input ${input}`,
      found: JSON.stringify(spec) ?? 'nothing',
      expected: 'a shape of whole numbers, and a dtype of float32, int32 or bool',
      mend: "Write, for example, { shape: [2, 3], dtype: 'float32' }; compile once for each shape.",
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

/** Throws `engine.untraceable` for what is no result of a tensor function. */
export function checkResult(name: string, result: unknown): asserts result is TensorFunctionResult {
  const { outputs, updates = {} } = (result ?? {}) as Partial<TensorFunctionResult>;
  const isRecord = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !(value instanceof Tensor);
  const groups = { outputs, ...(isRecord(updates) ? updates : { updates }) } as Readonly<Record<string, unknown>>;
  for (const [group, tensors] of Object.entries(groups)) {
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
    expected: part.includes('.') ? 'a tensor' : 'tensors by name',
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
