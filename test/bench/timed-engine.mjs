// An engine whose compilations, one at a time, are timed from outside, in their three parts: tracing (the function recorded
// with its gradients, the graph tidied and encoded), the runtime's compiling of that graph (its session), and binding (stores
// laid where the updates apart from the graph want them).
import * as ort from 'onnxruntime-node';

/**
 * @returns the engine, and `times()`: milliseconds of all that it compiled since. Where no session is made, because the engine
 * traces nothing or has the session already, all of a compilation counts as tracing.
 */
export function timedEngine(engine) {
  const total = { trace: 0, compile: 0, bind: 0 };
  const timed = {
    ...engine,
    async compile(run, options) {
      let part = 'trace';
      let since = performance.now();
      const next = (name) => {
        const now = performance.now();
        total[part] += now - since;
        [part, since] = [name, now];
      };
      const create = ort.InferenceSession.create;
      ort.InferenceSession.create = async (...args) => {
        next('compile');
        try {
          return await create.apply(ort.InferenceSession, args);
        } finally {
          next('bind');
        }
      };
      try {
        return await engine.compile(run, options);
      } finally {
        next('done');
        ort.InferenceSession.create = create;
      }
    },
  };
  return { engine: timed, times: () => ({ ...total }) };
}
