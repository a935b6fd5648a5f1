// Thrown by a command that has said all there is to say and wants the program to end with a code other than 0, for
// example after an interrupted training. It is not a failure: nothing more is printed for it.

/** Asks the program to end with an exit code. */
export class ExitRequest extends Error {
  override readonly name = 'ExitRequest';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit with ${exitCode}`);
    this.exitCode = exitCode;
  }
}
