// The command `new`: its arguments and options.
import { Argument, type Command } from 'commander';
import { addReportingOptions, type DebugOptions, type JsonOptions } from '../arguments/shared-options.ts';
import { type TemplateKind, templateKinds } from '../new/template-kind.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `new` takes. */
export interface NewOptions extends DebugOptions, JsonOptions {
  /** The folder to make. */
  readonly folder?: string;
}

/** Adds the command. */
export function addNewCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('new')
    .summary('begin a package of your own: a sampler, schedule, guider or adapter')
    .description(
      'Make a package with a small working example of its kind to start from, a test that passes the conformance suite, ' +
        'and everything to publish it.',
    )
    .addArgument(new Argument('<kind>', 'what to make').choices(templateKinds))
    .argument('<name>', 'the name of the package, for example my-sampler or @acme/my-sampler')
    .option('--folder <folder>', 'make it in this folder (default: the name, here)');
  addReportingOptions(command).action(async (kind: TemplateKind, name: string, options: NewOptions) => {
    const { runNew } = await import('../new/run-new.ts');
    await runNew(kind, name, options, surroundings);
  });
}
