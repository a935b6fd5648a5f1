// Says what is wrong with a file that cannot be parsed or imported, and in which line. JSON.parse gives a position;
// jiti gives a line at the end of its message; Node's import gives none, so the file is checked once more by Node.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `JSON.parse` disliked, with the line where it gives a position; otherwise it quotes the place. */
export function jsonProblem(error: SyntaxError, text: string): string {
  const position = /at position (\d+)/.exec(error.message)?.[1];
  const what = error.message.replace(/ \(line \d+ column \d+\)$/, '').replace(/ (?:in JSON )?at position \d+$/, '');
  if (position === undefined) return what.replaceAll(/\s*\n\s*/g, ' ');
  return `${what} in line ${text.slice(0, Number(position)).split('\n').length}`;
}

/** What an import threw: a syntax error with its line, any other error in brackets. */
export async function moduleProblem(error: unknown, file: string): Promise<string> {
  const message = error instanceof Error ? error.message.trim() : String(error);
  const parse = /^ParseError: (?<what>[^\n]*)\n\s*(?<path>.+):(?<line>\d+):\d+$/.exec(message)?.groups;
  if (parse !== undefined) {
    const place = parse['path'] === file ? '' : ` of ${parse['path']}`;
    return `${parse['what']?.trim()} in line ${parse['line']}${place}`;
  }
  const [first = ''] = message.split('\n');
  if (!(error instanceof SyntaxError)) return `an error (${first})`;
  const line = await lineByNode(file);
  return line === undefined ? first : `${first} in line ${line}`;
}

/** Undefined where Node finds nothing wrong: the error is in a file that this one imports. */
async function lineByNode(file: string): Promise<string | undefined> {
  try {
    await run(process.execPath, ['--check', file]);
    return undefined;
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    return /^.*:(\d+)$/m.exec(stderr)?.[1];
  }
}
