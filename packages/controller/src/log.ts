import { visible } from '@fuin/crypto-core/errors';

/** Weights of Go's log/slog, so that `--log-level` means what it means upstream. */
export const LOG_LEVELS = { DEBUG: -4, INFO: 0, WARN: 4, ERROR: 8 } as const;

type LevelName = keyof typeof LOG_LEVELS;

/** Facts of a log line. Never a plaintext, key material or ciphertext. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Writes lines with a constant message and facts in fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** How and where a logger writes. */
export interface LoggerOptions {
  /** Lines below this weight are dropped. */
  readonly minimumLevel: number;
  readonly format: 'text' | 'json';
  /** INFO and DEBUG to `stdout` rather than `stderr`; WARN and ERROR always go to `stderr`. */
  readonly isInfoOnStdout: boolean;
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  readonly now: () => Date;
}

/** A logger that prints as Go's slog does: `key=value` texts or one JSON object per line. */
export function createLogger(options: LoggerOptions): Logger {
  const format = options.format === 'json' ? formatJson : formatText;
  const write = (level: LevelName, message: string, fields: LogFields): void => {
    if (LOG_LEVELS[level] < options.minimumLevel) return;
    const isOrdinary = LOG_LEVELS[level] < LOG_LEVELS.WARN;
    const stream = isOrdinary && options.isInfoOnStdout ? options.stdout : options.stderr;
    const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
    stream(
      `${format([['time', options.now().toISOString()], ['level', level], ['msg', message], ...entries])}\n`,
    );
  };
  return {
    debug: (message, fields = {}) => write('DEBUG', message, fields),
    info: (message, fields = {}) => write('INFO', message, fields),
    warn: (message, fields = {}) => write('WARN', message, fields),
    error: (message, fields = {}) => write('ERROR', message, fields),
  };
}

/** The weight of a level as slog reads it: a name in any case, with an offset if need be (`info`, `WARN+2`). */
export function parseLogLevel(text: string): number | undefined {
  const [, name = '', offset = '0'] = /^(DEBUG|INFO|WARN|ERROR)([+-]\d+)?$/i.exec(text) ?? [];
  const weight: number | undefined = LOG_LEVELS[name.toUpperCase() as LevelName];
  return weight === undefined ? undefined : weight + Number(offset);
}

type Entry = readonly [string, LogFields[string]];

function formatText(entries: readonly Entry[]): string {
  return entries.map(([key, value]) => `${key}=${quoteIfNeeded(String(value))}`).join(' ');
}

function formatJson(entries: readonly Entry[]): string {
  return visible(JSON.stringify(Object.fromEntries(entries)));
}

/** Quotes what would break a line or a pair apart; JSON leaves some characters as they are that a terminal acts on. */
function quoteIfNeeded(text: string): string {
  return /^[!#-<>-~]+$/.test(text) ? text : visible(JSON.stringify(text));
}
