// A process of its own for the trial of native TensorFlow: what crashes here, a library that does not fit or a processor
// without the instructions it was compiled for, does not take `transfuse setup` with it. Prints one line of JSON.
import { describeFailure } from '../failure.ts';
import { tryTrainingStep } from './training-step.ts';

try {
  process.stdout.write(`${JSON.stringify({ step: await tryTrainingStep() })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ problem: describeFailure(error).details })}\n`);
  process.exitCode = 1;
}
