import { type Bytes, encodeUtf8 } from '../bytes.ts';

/** How many encodings may be nested: base64 of gzip of JSON with base64 in it is four. */
const MAX_DEPTH = 6;
/** How deep objects may be nested. Kubernetes' own are not half as deep. */
const MAX_NESTING = 100;
/**
 * Characters that are decoded in all: an annotation has 256 KiB at most, and gzip can blow that up to any
 * size.
 */
const MAX_CHARACTERS = 4 << 20;
const GZIP = [0x1f, 0x8b];
const ZLIB = 0x78;
/** A field as in YAML or JSON, also in a string that is neither. */
const SECRET_KIND =
  /^(?:[ -]*|.*[{,] *)["']?kind["']?[ \t]*:[ \t]*["']?Secret(?:List)?s?["']?\s*(?:[,}#].*)?$/im;
const SECRET_ITEMS = /(?:^|[{,])[ -]*["']?(?:data|stringData)["']?[ \t]*:/im;

/** A field with a string as its value, at any depth of a decoded string. */
export interface Entry {
  readonly key: string;
  readonly text: string;
}

/** What a string says once it is decoded. */
export interface Readings {
  /** The string and each string in it, decoded: members of JSON, base64, gzip, escapes. */
  readonly texts: readonly string[];
  readonly entries: readonly Entry[];
  /** Whether an object of kind Secret with items is among them. */
  readonly hasSecret: boolean;
}

/** Decodes a string in every way in which tools write copies of an object. */
export async function readingsOf(text: string): Promise<Readings> {
  const reader = new Reader();
  await reader.read(text, 0);
  return reader;
}

/**
 * Whether a string that is neither JSON nor YAML (a template, an excerpt) looks like a Secret with items.
 *
 * @example
 * ```js
 * import { looksLikeSecret } from '@fuin/crypto-core';
 *
 * const template = 'kind: Secret\n{{ if .x }}\ndata:\n  password: aHVudGVyMg==\n{{ end }}';
 * console.log(looksLikeSecret(template)); // true
 * ```
 */
export function looksLikeSecret(text: string): boolean {
  return SECRET_KIND.test(text) && SECRET_ITEMS.test(text);
}

class Reader implements Readings {
  readonly texts: string[] = [];
  readonly entries: Entry[] = [];
  hasSecret = false;
  #left = MAX_CHARACTERS;

  async read(text: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH || this.#left <= 0) return;
    this.#left -= text.length + 1;
    this.texts.push(text);
    const value = parseJson(text);
    if (value !== undefined) return this.#readValue(value, depth + 1);
    this.#readLines(text);
    const escaped = /\\/.test(text) ? unescaped(text) : text;
    if (escaped !== text) await this.read(escaped, depth + 1);
    const bytes = base64Bytes(text);
    const inner = bytes && (await textOf(bytes));
    if (inner) await this.read(inner, depth + 1);
  }

  async #readValue(value: unknown, depth: number, key = '', nesting = 0): Promise<void> {
    if (nesting > MAX_NESTING) return;
    if (typeof value === 'string') {
      this.entries.push({ key, text: value });
      return this.read(value, depth);
    }
    if (typeof value !== 'object' || value === null) {
      this.entries.push({ key, text: String(value) });
      return;
    }
    this.hasSecret ||= isSecret(value);
    for (const [name, inner] of Object.entries(value)) await this.#readValue(inner, depth, name, nesting + 1);
  }

  #readLines(text: string): void {
    this.hasSecret ||= looksLikeSecret(text);
    for (const [, key = '', value = ''] of text.matchAll(
      /^[ \t-]*(?!-)["']?([\w.-]+)["']?[ \t]*:[ \t]+(\S.*)$/gm,
    )) {
      this.entries.push({ key, text: value.trim().replace(/^(["'])(.*)\1$/, '$2') });
    }
  }
}

function isSecret(value: object): boolean {
  const { kind, data, stringData } = value as Readonly<Record<string, unknown>>;
  const hasItems = [data, stringData].some((items) => Object.keys(items ?? {}).length > 0);
  return hasItems && typeof kind === 'string' && /^secrets?$/i.test(kind);
}

function parseJson(text: string): unknown {
  if (!/^\s*["{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' };

/** The escapes of JSON, Go and YAML's double quotes, resolved wherever they stand. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([\s\S]))/gi, (_all, four, two, character) =>
    character === undefined
      ? String.fromCharCode(Number.parseInt(four ?? two, 16))
      : (ESCAPES[character] ?? character),
  );
}

function base64Bytes(text: string): Bytes | undefined {
  const compact = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (compact.length < 8 || compact.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(compact)) return undefined;
  return Uint8Array.from(atob(compact), (character) => character.charCodeAt(0));
}

/** Bytes as a string, unpacked if they are packed; undefined if they are not UTF-8. */
async function textOf(bytes: Bytes): Promise<string | undefined> {
  const isGzip = GZIP.every((byte, at) => bytes[at] === byte);
  const plain = isGzip
    ? await inflated(bytes, 'gzip')
    : bytes[0] === ZLIB
      ? await inflated(bytes, 'deflate')
      : bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    return undefined;
  }
}

/** The unpacked bytes, up to the limit; the same bytes if they are not packed. */
async function inflated(bytes: Bytes, format: 'gzip' | 'deflate'): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MAX_CHARACTERS) break;
    }
  } catch {
    if (text === '') return bytes;
  }
  return encodeUtf8(text);
}
