import { describe, expect, it } from 'vitest';
import { findConnectionProblem, tellingNpmLine } from './npm-messages.ts';

/** What npm shows of an install script that failed, shortened. */
const ofScript = (...lines: readonly string[]) =>
  ['code 1', 'path /p', 'command failed', 'command sh -c node scripts/install.js', ...lines]
    .map((line) => `npm error ${line}`)
    .join('\n');

describe('a connection that was missed', () => {
  it.each([
    ['an install script', ofScript('Error: getaddrinfo ENOTFOUND storage.example'), 'ENOTFOUND', 'storage.example'],
    ['an address', 'npm error reason: connect ECONNREFUSED 127.0.0.1:443', 'ECONNREFUSED', '127.0.0.1:443'],
    ['npm itself', 'npm ERR! code ETIMEDOUT\nnpm ERR! network', 'ETIMEDOUT', undefined],
  ])('is found in the messages of %s', (_, messages, code, host) => {
    expect(findConnectionProblem(messages)).toEqual({ code, ...(host !== undefined && { host }) });
  });

  it('is none where something else failed', () => {
    expect(findConnectionProblem('npm error code E404')).toBeUndefined();
  });
});

describe('the line of npm that says most', () => {
  it.each([
    [
      'the error that an install script threw',
      ofScript("throw er; // Unhandled 'error' event", 'Error: TAR_BAD_ARCHIVE', 'at x'),
      /^Error: TAR/,
    ],
    ['its first otherwise, without the mark', 'npm error code E404\nnpm error 404 Not Found', /^code E404$/],
    ['in older versions too', 'npm ERR! code E404', /^code E404$/],
  ])('is %s', (_, messages, line) => {
    expect(tellingNpmLine(messages)).toMatch(line);
  });
});
