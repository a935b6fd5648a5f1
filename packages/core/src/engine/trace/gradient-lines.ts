/**
 * Which line of user code a graph node belongs to, gradients included. A forward kernel runs below the line that asked
 * for it. Its gradient runs much later, below the call of `grads`; so the line is remembered when TensorFlow.js notes
 * the operation on its tape, and is the line again while that operation's gradient is computed. The tape is not part of
 * TensorFlow.js's public interface: where it is not found, gradients belong to the line that asked for them.
 */
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { sourceLine } from './source-line.ts';

type Gradient = (upstream: Tensor[]) => Readonly<Record<string, () => Tensor>>;

/** What is used of TensorFlow.js's engine. */
interface Tape {
  addTapeNode?: (...operation: unknown[]) => void;
  readonly state?: { readonly activeTape?: { gradient?: Gradient }[] };
}

/** Runs `run` with a function that names the present line: `model/block.ts:12`, or `gradient of model/block.ts:12`. */
export function withSourceLines<Result>(run: (lineOf: () => string | undefined) => Result): Result {
  let differentiated: string | undefined;
  const lineOf = () => (differentiated === undefined ? sourceLine() : `gradient of ${differentiated}`);
  const at = <Value>(line: string, act: () => Value): Value => {
    const outer = differentiated;
    differentiated = line;
    try {
      return act();
    } finally {
      differentiated = outer;
    }
  };
  const tape = engine() as unknown as Tape;
  const note = tape.addTapeNode;
  if (typeof note !== 'function') return run(lineOf);
  tape.addTapeNode = (...operation) => {
    note.apply(tape, operation);
    const noted = tape.state?.activeTape?.at(-1);
    const line = lineOf();
    const gradient = noted?.gradient;
    if (noted === undefined || gradient === undefined || line === undefined) return;
    noted.gradient = (upstream) => {
      const parts = Object.entries(at(line, () => gradient(upstream)));
      return Object.fromEntries(parts.map(([input, part]) => [input, () => at(line, part)]));
    };
  };
  try {
    return run(lineOf);
  } finally {
    delete tape.addTapeNode; // the one of the class is in force again
  }
}
