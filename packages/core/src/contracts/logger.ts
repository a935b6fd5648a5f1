/** Where a host reports what it does. Any of `console`, pino and winston fits. */
export interface Logger {
  /** What only a developer of the thing that speaks wants to know. */
  debug(message: string): void;
  /** What happened, as expected. */
  info(message: string): void;
  /** What works, but perhaps not as meant. */
  warn(message: string): void;
  /** What failed. */
  error(message: string): void;
}
