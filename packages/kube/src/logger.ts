/** Where this room reports what a person may want to know: constant messages, facts in fields. */
export interface Logger {
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ): void;
}
