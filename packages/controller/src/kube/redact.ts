const REDACTED = '[redacted]';
const SHORTEST_VALUE = 3;

/** Field errors quote values: `Invalid value: "x"`. */
const QUOTED_VALUE =
  /(\b(?:Invalid|Duplicate|Unsupported|Too long|Not found)(?: value)?: )(?:"(?:[^"\\]|\\.)*"|`[^`]*`)/g;
/** A value that is neither quoted nor a number may hold anything: where it ends cannot be told. */
const BARE_VALUE =
  /(\b(?:Invalid|Duplicate|Unsupported) value: )(?!["`\d]|true|false|null|\[redacted\])[\s\S]*/g;
/** What a server hides it still parses, and tells of the first character that it cannot parse. */
const REASON_OF_HIDDEN_VALUE = /()"<secret contents redacted>"[\s\S]*/g;
const QUOTED_CHARACTER = /((?:invalid character|expecting) )'(?:[^'\\]|\\.[^']*)'/g;
/** Older servers quote the bytes around a syntax error. */
const DECODE_CONTEXT = /(error found in #\d+ byte of )[\s\S]*/g;
const PATTERNS = [REASON_OF_HIDDEN_VALUE, QUOTED_VALUE, BARE_VALUE, QUOTED_CHARACTER, DECODE_CONTEXT];

/**
 * Takes values out of a server's message about a Secret: what field errors quote, what decoders quote,
 * and every value of `sent` (as sent, and decoded from base64) wherever it stands.
 */
export function redactSecretMessage(message: string, sent: unknown): string {
  let text = PATTERNS.reduce((rest, pattern) => rest.replace(pattern, `$1${REDACTED}`), message);
  for (const value of valuesOf(sent)) text = text.replaceAll(value, REDACTED);
  return text;
}

function valuesOf(sent: unknown): string[] {
  const values = new Set<string>();
  for (const field of ['data', 'stringData']) {
    for (const value of Object.values(recordOf(recordOf(sent)[field]))) {
      if (typeof value !== 'string') continue;
      const forms = field === 'data' ? [value, Buffer.from(value, 'base64').toString('utf8')] : [value];
      for (const form of forms) {
        values.add(form);
        values.add(JSON.stringify(form).slice(1, -1));
      }
    }
  }
  return [...values].filter((value) => value.length >= SHORTEST_VALUE).sort((a, b) => b.length - a.length);
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
