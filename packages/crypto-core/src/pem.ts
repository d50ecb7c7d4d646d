import { type Bytes, decodeBase64, encodeBase64 } from './bytes.ts';

const BEGIN = /^-----BEGIN (.*)-----$/;
const END = /^-----END (.*)-----$/;

/** One PEM block (RFC 7468): its label, such as `CERTIFICATE`, and its bytes. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Bytes;
}

/**
 * All well-formed PEM blocks of a text in their order; text between blocks and unreadable blocks are skipped, as in Go.
 * One pass over the lines, so that no input takes long.
 */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let body: string[] = [];
  for (const rawLine of text.split('\n')) {
    const line = rawLine.trim();
    const ended = END.exec(line)?.[1];
    if (label !== undefined && ended === label) {
      const bytes = decodeBody(body);
      if (bytes) blocks.push({ label, bytes });
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

function decodeBody(lines: readonly string[]): Bytes | undefined {
  const start = lines.findIndex((line) => !line.includes(':')); // RFC 1421 headers, as Go reads them
  try {
    const base64 = start < 0 ? [] : lines.slice(start);
    return decodeBase64(base64.join('').replace(/\s+/g, ''));
  } catch {
    return undefined;
  }
}
