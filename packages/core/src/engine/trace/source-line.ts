/**
 * The line of user code that is running, short enough for a profile: a graph node has no other way back to the source
 * of the model that made it. A line of a helper that a whole model calls says little, so the line that called its file
 * stands beside it.
 */
import { userLine, withDeepStacks } from './user-line.ts';

/** Frames below this file belong to whoever compiles the function, not to the function. */
const outside = /[/\\]trace[/\\]trace-function\.[jt]s/;

/**
 * The line outside of TensorFlow.js and the engine that the present call came from, with the line of another file that
 * called it where there is one: `packages/core/src/model/linear.ts:6 from attention.ts:25`. Undefined where there is no
 * such line. See {@link shortLine}.
 */
export function sourceLine(): string | undefined {
  const stack = withDeepStacks(() => String(new Error('here').stack));
  let innermost: string | undefined;
  for (const frame of stack.split('\n')) {
    if (innermost !== undefined && outside.test(frame)) break;
    const location = userLine(frame);
    if (location === undefined) continue;
    const line = shortLine(location);
    if (innermost === undefined) innermost = line;
    else if (fileOf(line) !== fileOf(innermost)) return `${innermost} from ${line.replace(/^.*[/\\]/, '')}`;
  }
  return innermost;
}

/**
 * `path:line:column` without the column, and with the path relative to the working folder, or to `node_modules` where
 * the file lies in an installed package.
 */
export function shortLine(location: string): string {
  const line = decodeURI(location.replace(/:\d+$/, ''));
  const inPackage = line.lastIndexOf('/node_modules/');
  if (inPackage !== -1) return line.slice(inPackage + '/node_modules/'.length);
  const here = typeof process === 'undefined' ? undefined : `${process.cwd().replaceAll('\\', '/')}/`;
  return here !== undefined && line.startsWith(here) ? line.slice(here.length) : line;
}

const fileOf = (line: string) => line.replace(/:\d+$/, '');
