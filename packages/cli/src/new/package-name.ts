// A name in the forms a template needs: `@acme/my-sampler` is the package, `my-sampler` what a configuration says,
// `MySampler` and `mySampler` what the code says.
import { TransfuseError } from '@transfuse/core/contracts';

/** One name, in all its forms. */
export interface PackageName {
  /** With its scope, as npm knows it. */
  readonly full: string;
  /** Without scope, lower-case words with hyphens. */
  readonly words: string;
  readonly pascal: string;
  readonly camel: string;
}

/** The longest name that npm takes. */
const longest = 214;

/** Reads a name: lower-case words of letters and digits with hyphens between them, a scope before them at most. Throws `config.invalid`. */
export function packageName(name: string): PackageName {
  const word = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
  const [, words] = new RegExp(`^(?:@[a-z0-9][a-z0-9-]*/)?(${word})$`).exec(name) ?? [];
  if (words === undefined || name.length > longest) {
    throw new TransfuseError({
      code: 'config.invalid',
      place: 'name',
      found: JSON.stringify(name),
      expected: 'lower-case words with hyphens that begin with a letter, for example my-sampler or @acme/my-sampler',
      mend: 'Choose another name.',
    });
  }
  const pascal = words.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { full: name, words, pascal, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1) };
}
