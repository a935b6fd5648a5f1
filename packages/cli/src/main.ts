#!/usr/bin/env node
// The program `transfuse`: runs one command and ends with its exit code.
import { runProgram } from './program.ts';

// A reader that goes away early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2));
