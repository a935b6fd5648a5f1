// The command `demo`: trains a small model on emoji and shows what it learned.
import { Command } from 'commander';

/** Makes the command. */
export function demoCommand(): Command {
  return new Command('demo').description('Train a small model on emoji and show what it learned.');
}
