/**
 * Runs that return nothing. onnxruntime-node (1.30) writes results into the arrays that it is given, and then returns a
 * copy of each in an array of its own besides: for a training step as many bytes as the model has weights, allocated,
 * filled and collected again at every step. It makes the copies after the run, in the order of the graph's results, and
 * stops with an error at one that is no tensor. So graphs with large results get an empty sequence as their first one,
 * which is asked for where all others are written in place; the error then says that the run is done.
 *
 * A version of the package that copies nothing, or knows sequences, returns as ever, and nothing here has to change.
 */
import type * as ort from 'onnxruntime-node';
import type { OnnxGraph } from './onnx/graph.ts';
import type { RuntimeSession } from './onnx-runtime.ts';

const sequence = 'unreturned';

/** Fewer numbers in all results are copied in less time than an error takes. */
const fewNumbers = 65_536;

/** The graph with an empty sequence as its first result, where the others are large. */
export function withEmptySequence(graph: OnnxGraph): OnnxGraph {
  const numbers = graph.outputs.reduce((sum, { shape }) => sum + shape.reduce((size, n) => size * n, 1), 0);
  return numbers < fewNumbers ? graph : { ...graph, emptySequence: sequence };
}

/** The session of such a graph, which returns nothing where every result is written in place. */
export function unreturningSession(session: ort.InferenceSession): RuntimeSession {
  const canStop = session.outputNames.includes(sequence);
  return {
    async run(feeds, fetches) {
      const isInPlace = Object.values(fetches).every((tensor) => tensor !== null);
      const asked = canStop && isInPlace ? { [sequence]: null, ...fetches } : fetches;
      try {
        return (await session.run(feeds as never, asked as never)) as never;
      } catch (error) {
        if (asked !== fetches && isRefusedSequence(error)) return {};
        throw error;
      }
    },
    release: () => session.release(),
  };
}

function isRefusedSequence(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Non tensor type');
}
