import { hash } from 'node:crypto';
import { type AuditEvent, bounded, type Torn } from './event.ts';

/** Version of the format of lines. A reader refuses lines of a version that it does not know. */
export const FORMAT_VERSION = 1;
/** More than the longest line that is written: all texts at their bounds, each character as `\uXXXX`. */
export const MAX_LINE_BYTES = 131_072;
/** `prev` of the first line of a chain. */
export const NO_HASH = '0'.repeat(64);

/** The last line of a chain: what the next one follows. */
export interface Head {
  /** A random UUID. */
  readonly chain: string;
  /** Number of the line in its chain, from 1 on. 0: the chain has no line yet. */
  readonly seq: number;
  /** SHA-256 in lower-case hexadecimal. */
  readonly hash: string;
}

/** A line that is whole: its hash is that of its bytes. */
export interface Line extends Head {
  readonly prev: string;
  /** RFC 3339 in UTC, with milliseconds. */
  readonly time: string;
  readonly kind: string;
  readonly torn?: Torn;
  readonly count?: number;
}

const BEFORE_HASH = ',"hash":"';
const AFTER_HASH = '"}';
const END_LENGTH = BEFORE_HASH.length + NO_HASH.length + AFTER_HASH.length;
const HASH = /^[0-9a-f]{64}$/;
const CHAIN = /^[0-9a-f-]{36}$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/;

/** A chain without a line. */
export function newChain(): Head {
  return { chain: crypto.randomUUID(), seq: 0, hash: NO_HASH };
}

/**
 * The next line of a chain, with its line end, and the head that it makes. Its hash is the SHA-256 of the
 * line without the member `hash`, which comes last. So nobody has to know a canonical form of JSON to check
 * it. A line is ASCII.
 */
export function nextLine(
  head: Head,
  time: Date,
  event: AuditEvent,
): { readonly text: string; readonly head: Head } {
  const { chain } = head;
  const seq = head.seq + 1;
  const members = {
    v: FORMAT_VERSION,
    chain,
    seq,
    time: time.toISOString(),
    prev: head.hash,
    ...bounded(event),
  };
  const body = ascii(JSON.stringify(members));
  const own = hash('sha256', body, 'hex');
  const text = `${body.slice(0, -1)}${BEFORE_HASH}${own}${AFTER_HASH}\n`;
  return { text, head: { chain, seq, hash: own } };
}

/**
 * Reads a line without its line end.
 *
 * @returns undefined if one byte of it is not as it was written; `newer` for a version that is not known here
 */
export function readLine(text: string): Line | 'newer' | undefined {
  if (text.length > MAX_LINE_BYTES || !/^[\x20-\x7e]+$/.test(text)) return undefined;
  const end = text.slice(-END_LENGTH);
  const own = end.slice(BEFORE_HASH.length, -AFTER_HASH.length);
  if (!end.startsWith(BEFORE_HASH) || !end.endsWith(AFTER_HASH) || !HASH.test(own)) return undefined;
  const body = `${text.slice(0, -END_LENGTH)}}`;
  if (hash('sha256', body, 'hex') !== own) return undefined;
  return lineOf(parsed(body), own);
}

function lineOf(members: Readonly<Record<string, unknown>>, own: string): Line | 'newer' | undefined {
  const { v, chain, seq, time, prev, kind, torn, count } = members;
  if (typeof v === 'number' && v > FORMAT_VERSION) return 'newer';
  const isPlaced = typeof seq === 'number' && Number.isSafeInteger(seq) && seq > 0;
  if (v !== FORMAT_VERSION || !isPlaced || typeof kind !== 'string') return undefined;
  if (!isText(prev, HASH) || !isText(chain, CHAIN) || !isText(time, TIME)) return undefined;
  return {
    ...{ chain, seq, time, prev, kind, hash: own },
    ...(isTorn(torn) && { torn }),
    ...(typeof count === 'number' && { count }),
  };
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function isTorn(value: unknown): value is Torn {
  if (typeof value !== 'object' || value === null) return false;
  const { bytes, sha256 } = value as Partial<Torn>;
  return typeof bytes === 'number' && typeof sha256 === 'string';
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

/** JSON allows an escape for any character. */
function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
