import { constant, type Arithmetic, type Formula } from '@transfuse/core/elements';

// Sums whose number of terms is known only when they are computed: a kernel for every number of terms, made once. The
// arrays and numbers of such kernels are counted: x0, x1, … and a0, a1, …

/** One kernel for every key, made when it is first asked for. */
export function kernelFamily<Key, Kernel>(make: (key: Key) => Kernel): (key: Key) => Kernel {
  const made = new Map<Key, Kernel>();
  return (key) => {
    const before = made.get(key);
    if (before !== undefined) return before;
    const kernel = make(key);
    made.set(key, kernel);
    return kernel;
  };
}

/** Names from `prefix` and 0 on. */
export function countedNames(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** Values by their counted names. */
export function counted<Value>(prefix: string, values: readonly Value[]): Record<string, Value> {
  const record: Record<string, Value> = {};
  for (let i = 0; i < values.length; i += 1) record[`${prefix}${i}`] = values[i]!;
  return record;
}

/** 0 plus the products, one after the other from the first; a sum that begins with 0 is never -0. */
export function sumOfProducts(
  { plus, times }: Arithmetic,
  products: readonly (readonly [weight: Formula, values: Formula])[],
): Formula {
  return products.reduce<Formula>((sum, [weight, values]) => plus(sum, times(weight, values)), constant(0));
}
