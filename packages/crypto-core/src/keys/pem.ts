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
 * All well-formed PEM blocks of a text in their order; text between blocks and unreadable blocks are skipped, as in Go.
 * A block begins at the start of a line, as for Go and OpenSSL: what one program takes for the first certificate must
 * not be another one for the next. One pass over the lines, so that no input takes long.
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

/** A PEM block with 64-column lines and a final newline. */
export function formatPem(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** What Go cuts off the end of a line; by a loop, since the regular expression takes quadratic time. */
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
