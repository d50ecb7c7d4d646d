const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/**
 * Characters before a value of JSON: a comma, or the start of a list or map. A colon belongs to a name, which
 * the comma counts.
 */
const BEFORE_VALUE = new Set(Buffer.from(',[{'));
/** Bytes that YAML skips without creating anything: base64 and words consist of them. */
const PLAIN = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= '));

/**
 * Where JSON text exceeds `limit` values, names of maps not counted; undefined if it does not. A parser needs
 * time and memory for each value, whatever its length. This reads no further than necessary.
 */
export function endOfValues(json: Uint8Array, limit: number): number | undefined {
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) at = endOfString(json, at + 1);
    else if (BEFORE_VALUE.has(byte)) values += 1;
    if (values > limit) return at;
  }
  return undefined;
}

/** Position of the quote that ends the string which begins at `start`. */
function endOfString(json: Uint8Array, start: number): number {
  let at = start;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}

/**
 * The same for YAML and its marks: any byte that is neither base64 nor a space may begin or end something.
 */
export function endOfMarks(yaml: Uint8Array, limit: number): number | undefined {
  let marks = 0;
  for (let at = 0; at < yaml.length; at++) {
    if (PLAIN.has(yaml[at] ?? 0)) continue;
    marks += 1;
    if (marks > limit) return at;
  }
  return undefined;
}
