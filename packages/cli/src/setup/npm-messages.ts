// Reads what npm says when an installation fails. It repeats what an install script said, line by line behind a mark of
// its own, and the line that tells the cause is seldom among the first.
import { tellingLine } from './setup-failure.ts';

/** A connection that was not to be had. */
export interface ConnectionProblem {
  /** `ENOTFOUND`, `ETIMEDOUT` … */
  readonly code: string;
  /** Undefined where the messages do not name it. */
  readonly host?: string;
}

/** The connection that npm or an install script missed; undefined where it failed of something else. */
export function findConnectionProblem(messages: string): ConnectionProblem | undefined {
  const codes = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;
  const code = codes.exec(messages)?.[1];
  if (code === undefined) return undefined;
  const host = /\b(?:getaddrinfo|connect) E[A-Z_]+ ([\w.:-]+)/.exec(messages)?.[1];
  return { code, ...(host !== undefined && { host }) };
}

/** The line that says most: the error that an install script threw, else the first of npm's own. */
export function tellingNpmLine(messages: string): string {
  const lines = messages.split('\n').map((line) => line.replace(/^npm (?:error|ERR!|warn|WARN)\s?/, '').trim());
  return lines.find((line) => /^\w*Error: ./.test(line)) ?? tellingLine(lines.join('\n'));
}
