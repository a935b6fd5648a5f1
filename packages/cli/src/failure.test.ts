import { TransfuseError } from '@transfuse/core/contracts';
import { describe, expect, it } from 'vitest';
import { describeFailure, describeUsage } from './failure.ts';

const details = {
  code: 'config.invalid',
  place: 'model.width',
  found: '3',
  expected: 'an even number',
  mend: 'Write 4.',
} as const;

describe('describeFailure', () => {
  it('says what a TransfuseError says, with its code, and asks for exit code 2', () => {
    const failure = describeFailure(new TransfuseError(details));
    expect(failure).toMatchObject({ exitCode: 2, details });
    expect(failure.sentence).toBe('model.width: found 3, expected an even number. Write 4. [config.invalid]');
  });

  it('knows a TransfuseError of another copy of the core package', () => {
    const other = Object.assign(new Error('elsewhere'), { name: 'TransfuseError', ...details });
    expect(describeFailure(other)).toMatchObject({ exitCode: 2, details });
  });

  it('keeps a message of several lines on one', () => {
    const { sentence } = describeFailure(new TransfuseError({ ...details, found: 'one\n   two' }));
    expect(sentence).toContain('found one two, expected');
  });

  it.each([[new Error('boom')], ['boom']])('gives anything else a short sentence and exit code 1', (thrown) => {
    const failure = describeFailure(thrown);
    expect(failure).toMatchObject({ exitCode: 1, details: { code: 'unexpected', found: 'boom' } });
    expect(failure.sentence).toBe('transfuse failed: boom (--debug shows where)');
  });

  it('has the stack in its trace only', () => {
    const failure = describeFailure(new Error('boom'));
    expect(failure.trace).toContain('    at ');
    expect(failure.sentence).not.toContain('    at ');
  });
});

it('a usage message loses its prefix', () => {
  expect(describeUsage("error: unknown option '--x'\n(Did you mean --y?)").found).toBe(
    "unknown option '--x' (Did you mean --y?)",
  );
});
