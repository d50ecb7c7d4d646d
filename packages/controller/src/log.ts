import type { Writable } from 'node:stream';
import { SealedSecretsError, visible } from '@fuin/crypto-core/errors';
import type { Logger as KubeLogger } from '@fuin/kube/logger';

const MAX_MESSAGE_LENGTH = 4096;
/** How much a log reader that has stopped reading may leave in memory, in bytes. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** Weights of Go's log/slog, so that `--log-level` means the same as upstream's. */
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

/** Makes a logger that prints like Go's slog: `key=value` pairs, or one JSON object per line. */
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

/**
 * Writes to a stream. What the stream does not accept is lost, and nothing else happens: a log reader that
 * has gone or that stands still, or a full disk, must not end the controller or fill its memory.
 */
export function lossyWriter(
  stream: Pick<Writable, 'on' | 'write' | 'writableLength'>,
): (text: string) => void {
  stream.on('error', () => undefined); // pipes and terminals
  return (text) => {
    if (stream.writableLength > MAX_UNREAD_BYTES) return;
    try {
      stream.write(text);
    } catch {
      // files throw
    }
  };
}

/**
 * The weight of a level as slog reads it: a name in upper or lower case, with an optional offset (`info`,
 * `WARN+2`).
 */
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

/**
 * Quotes strings that would split a line or a pair. JSON leaves some characters unescaped on which a terminal
 * acts.
 */
function quoteIfNeeded(text: string): string {
  return /^[!#-<>-~]+$/.test(text) ? text : visible(JSON.stringify(text));
}

/** Lets `@fuin/kube` write to the controller's log. */
export function kubeLogger(log: Logger): KubeLogger {
  return { log: (level, message, fields = {}) => log[level](message, flatten(fields)) };
}

function flatten(fields: Readonly<Record<string, unknown>>): LogFields {
  const entries = Object.entries(fields).flatMap(([name, value]): [string, LogFields[string]][] => {
    if (value instanceof Error) return Object.entries(describeError(value));
    if (value === undefined || typeof value === 'number' || typeof value === 'boolean')
      return [[name, value]];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  return Object.fromEntries(entries);
}

/**
 * The message as status, events and log show it. Authors choose the names in it, so it is cut, and characters
 * that would move a terminal or reverse a line are made visible.
 */
export function shownMessage({ message }: SealedSecretsError): string {
  const cut = message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}...`;
  return visible(cut);
}

/**
 * The part of an error that may be logged. Messages of our own errors are safe by construction. An unknown
 * error is a bug whose text may quote a value (JSON.parse does), so only its type and stack are logged.
 */
export function describeError(error: unknown): LogFields {
  if (error instanceof SealedSecretsError) return { code: error.code, error: shownMessage(error) };
  if (!(error instanceof Error)) return { error: 'unknown' };
  return { error: error.name, stack: placesOf(error) };
}

/** The stack begins with the original message. If the message is not found in it, no line can be trusted. */
function placesOf({ message, stack = '' }: Error): string[] {
  const start = stack.indexOf(message);
  const lines = start < 0 ? [] : stack.slice(start + message.length).split('\n');
  return lines
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
}
