// The command line as a whole: which commands there are, and what happens to whatever they throw. Commands import what
// they need when they run, so that `--help` and mistakes in the command line are answered at once.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addCaptionCommand } from './commands/caption.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addExportCommand } from './commands/export.ts';
import { addGenerateCommand } from './commands/generate.ts';
import { addInspectCommand } from './commands/inspect.ts';
import { addNewCommand } from './commands/new.ts';
import { addPluginsCommand } from './commands/plugins.ts';
import { addSetupCommand } from './commands/setup.ts';
import { addTrainCommand } from './commands/train.ts';
import { addTrainCodecCommand } from './commands/train-codec.ts';
import { ExitRequest } from './exit-request.ts';
import { describeFailure, describeUsage } from './failure.ts';
import { processSurroundings, type Surroundings } from './surroundings.ts';

/**
 * Makes the program `transfuse`. Parsing a command line runs the command; what it throws is the caller's to handle,
 * which {@link runProgram} does.
 *
 * @param parts surroundings other than the process's own
 */
export function createProgram(parts: Partial<Surroundings> = {}): Command {
  const surroundings = { ...processSurroundings(), ...parts };
  const program = new Command('transfuse')
    .description('Train, run and look into Transfusion models: one transformer for text, pictures, sounds and clips.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'describe a command')
    .helpCommand('help [command]', 'describe a command')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void surroundings.stdout.write(text),
      writeErr: (text) => void surroundings.stderr.write(text),
      getOutHelpWidth: () => surroundings.stdout.columns ?? 100,
      getErrHelpWidth: () => surroundings.stderr.columns ?? 100,
    });
  addTrainCommand(program, surroundings);
  addTrainCodecCommand(program, surroundings);
  addGenerateCommand(program, surroundings);
  addCaptionCommand(program, surroundings);
  addExportCommand(program, surroundings);
  addInspectCommand(program, surroundings);
  addPluginsCommand(program, surroundings);
  addNewCommand(program, surroundings);
  addDoctorCommand(program, surroundings);
  addSetupCommand(program, surroundings);
  addDemoCommand(program);
  return program;
}

/**
 * Runs a command line, and writes any failure to standard error: a sentence or, with `--json`, an object.
 *
 * @param args the words after the program's name
 * @returns the exit code: 0, 2 for wrong usage and everything a person can mend, 1 for what nobody foresaw, 130 after
 *   an interrupt
 */
export async function runProgram(args: readonly string[], parts: Partial<Surroundings> = {}): Promise<number> {
  const { stderr } = { ...processSurroundings(), ...parts };
  const [json, debug] = [hasFlag(args, '--json'), hasFlag(args, '--debug')];
  const program = createProgram(parts);
  if (json) silenceUsageErrors(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ExitRequest) return error.exitCode;
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (json) stderr.write(`${JSON.stringify({ error: describeUsage(error.message) })}\n`);
      return 2;
    }
    const { sentence, details, trace, exitCode } = describeFailure(error);
    stderr.write(json ? `${JSON.stringify({ error: details })}\n` : `${sentence}\n`);
    if (debug) stderr.write(`${trace}\n`);
    return exitCode;
  }
}

/** The demo is a program of its own; it is imported when it runs. */
function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .summary('train a small model on emoji and show what it learned')
    .argument('[arguments...]', 'see transfuse demo --help')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      const { demoCommand } = await import('./commands/demo.ts');
      const demo = demoCommand().copyInheritedSettings(program).name('transfuse demo');
      await demo.parseAsync(args, { from: 'user' });
    });
}

function silenceUsageErrors(program: Command): void {
  for (const command of [program, ...program.commands]) command.configureOutput({ outputError: () => {} });
}

function hasFlag(args: readonly string[], flag: string): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes(flag);
}

function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (content as { readonly version: string }).version;
}
