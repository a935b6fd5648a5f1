/**
 * Finds the line of the user's own code in a stack trace: the first frame that lies neither in TensorFlow.js nor in the
 * engine itself. Frames of a bundle that contains the engine cannot be told apart from it; then there is no such line.
 */

/**
 * The folder of the engine, sources or build, whichever this module was loaded from: a path, or in a browser an address,
 * where a bundle's folder holds everybody's code.
 */
const engineFolder = decoded(import.meta.url.replace(/^file:\/\//, '').replace(/[^/]*\/[^/]*$/, ''));
const isBundled = !/\/trace\/user-line\.[jt]s$/.test(import.meta.url);

/** Deep enough for an operation inside of a gradient inside of nested models; V8 keeps 10 frames otherwise. */
const depth = 200;

/** The user's line in a stack trace, as `path:line:column`; undefined where every frame is someone else's. */
export function userLine(stack: string): string | undefined {
  return locations(stack).find((location) => !isOfOperations(location));
}

/** Whether an error with this stack trace was made in TensorFlow.js or in the engine, as far as they can be told apart. */
export function isFromOperations(stack: string): boolean {
  const [first] = locations(stack);
  return first !== undefined && (isBundled ? isOfTensorflow(first) : isOfOperations(first));
}

const isOfTensorflow = (location: string) => location.includes('@tensorflow');
const isOfOperations = (location: string) => isOfTensorflow(location) || decoded(location).startsWith(engineFolder);

/** A path as it is where it is no encoded address. */
function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Where the frames of a stack trace are, the innermost first. */
function locations(stack: string): readonly string[] {
  return stack.split('\n').flatMap((frame) => {
    const location = /(?:file:\/\/)?((?:[A-Za-z]:)?[^\s()]*[/\\][^()]*:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
    return location === undefined || location.startsWith('node:') ? [] : [location];
  });
}

/** The user's line that the present call came from. */
export function presentUserLine(): string | undefined {
  return withDeepStacks(() => userLine(String(new Error('here').stack)));
}

/** Runs `run` so that errors made inside carry whole stacks, whoever makes them. */
export function withDeepStacks<Result>(run: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Math.max(limit ?? 0, depth); // other browsers than Chromium have no such limit
  try {
    return run();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
