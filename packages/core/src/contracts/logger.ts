/** Where a host reports what it does. Any of `console`, pino and winston fits. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
