/** Checks the border where weights are asked for in a format: its name, and that there are frozen weights to store in it. */
import type { CompileOptions, WeightFormat } from '../contracts/engine.ts';
import { TransfuseError } from '../errors/index.ts';

/** Every format, the largest first. */
const weightFormats: readonly WeightFormat[] = ['float32', 'float16', 'int8', 'int4'];

/** The format that is asked for, by default `float32`. Throws `config.invalid` for anything that is none. */
export function checkedWeightFormat(format: unknown = 'float32', place = 'weights'): WeightFormat {
  const known = weightFormats.find((name) => name === format);
  if (known !== undefined) return known;
  throw new TransfuseError({
    code: 'config.invalid',
    place,
    found: typeof format === 'string' ? `"${format}"` : typeof format,
    expected: `one of ${weightFormats.join(', ')}`,
    mend: 'Write, for example, weights: "int8".',
  });
}

/** The format a function is to be compiled with. Throws `config.invalid` for a smaller one without frozen weights. */
export function compiledWeightFormat({ name, weights, frozen = [] }: CompileOptions): WeightFormat {
  const format = checkedWeightFormat(weights, `compiled function ${name}, weights`);
  if (format === 'float32' || frozen.length > 0) return format;
  throw new TransfuseError({
    code: 'config.invalid',
    place: `compiled function ${name}, weights`,
    found: `"${format}" for weights that may change between runs`,
    expected: 'a frozen store, or float32',
    mend: 'Freeze the store that holds the weights, or leave the option out.',
  });
}

/** An engine that runs weights as they are was asked for others. */
export function unstorableWeights(name: string, format: WeightFormat, engine: string): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place: `compiled function ${name}, weights`,
    found: `"${format}" with the ${engine} engine`,
    expected: 'float32, which is all that this engine has',
    mend: 'Choose the compiled engine (engine: { name: "compiled" }), or leave the option out.',
  });
}
