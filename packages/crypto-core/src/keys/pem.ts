import { type Bytes, decodeBase64, encodeBase64 } from '../bytes.ts';

const BEGIN = /^-----BEGIN (.*)-----$/;
const END = /^-----END (.*)-----$/;

/** One PEM block (RFC 7468): its label, such as `CERTIFICATE`, and its bytes. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Bytes;
  /** Whether headers (RFC 1421) stand before the base64; those of an encrypted key do. */
  readonly hasHeaders: boolean;
}

/**
 * All well-formed PEM blocks (RFC 7468) of a string in their order; everything between blocks, and blocks
 * that cannot be read, are skipped like in Go. A block begins at the start of a line, like for Go and
 * OpenSSL: two programs must not disagree on which certificate is the first. It reads each line once, so that
 * no input takes long.
 *
 * @example
 * ```js
 * import { formatPem, parsePem } from '@fuin/crypto-core';
 *
 * const [block] = parsePem(`notes\n${formatPem('CERTIFICATE', new Uint8Array(3))}`);
 * console.log(block.label, block.bytes.length); // CERTIFICATE 3
 * ```
 */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let body: string[] = [];
  for (const rawLine of text.split('\n')) {
    const line = withoutTrailingSpace(rawLine);
    const ended = END.exec(line)?.[1];
    if (label !== undefined && ended === label) {
      const block = decodeBody(body);
      if (block) blocks.push({ label, ...block });
    }
    const begun = BEGIN.exec(line)?.[1]; // also inside a block: then the earlier one lacks its end
    if (begun !== undefined || ended !== undefined) {
      label = begun;
      body = [];
    } else if (label !== undefined) body.push(line);
  }
  return blocks;
}

/**
 * A PEM block (RFC 7468) with lines of 64 columns and a final newline.
 *
 * @example
 * ```js
 * import { formatPem } from '@fuin/crypto-core';
 *
 * console.log(formatPem('CERTIFICATE', new Uint8Array(3)).split('\n')[1]); // AAAA
 * ```
 */
export function formatPem(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/**
 * Removes what Go removes from the end of a line; by a loop, since a regular expression takes quadratic time.
 */
function withoutTrailingSpace(line: string): string {
  let end = line.endsWith('\r') ? line.length - 1 : line.length;
  while (end > 0 && ' \t'.includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

function decodeBody(lines: readonly string[]): Omit<PemBlock, 'label'> | undefined {
  const start = lines.findIndex((line) => !line.includes(':')); // RFC 1421 headers, as Go reads them
  try {
    const base64 = start < 0 ? [] : lines.slice(start);
    const bytes = decodeBase64(base64.join('').replace(/[ \t\r]+/g, ''));
    return { bytes, hasHeaders: start !== 0 && lines.length > 0 };
  } catch {
    return undefined;
  }
}
