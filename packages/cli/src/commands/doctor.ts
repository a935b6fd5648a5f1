// The command `doctor`: its options.
import type { Command } from 'commander';
import {
  addEngineOptions,
  addReportingOptions,
  type DebugOptions,
  type EngineOptions,
  type JsonOptions,
} from '../arguments/shared-options.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `doctor` takes. */
export interface DoctorOptions extends DebugOptions, JsonOptions, EngineOptions {}

/** Adds the command. */
export function addDoctorCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('doctor')
    .summary('check what works on this machine')
    .description(
      'Check which engines work on this machine (each computes something small), what they need, and which data ' +
        'packages are installed. Ends with 1 if the engine that would be chosen does not work.',
    );
  addReportingOptions(addEngineOptions(command)).action(async (options: DoctorOptions) => {
    const { runDoctor } = await import('../doctor/run-doctor.ts');
    await runDoctor(options, surroundings);
  });
}
