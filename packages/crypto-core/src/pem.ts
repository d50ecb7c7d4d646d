import { type Bytes, decodeBase64, encodeBase64 } from './bytes.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\s*([\s\S]*?)-----END \1-----/g;

/** One PEM block (RFC 7468): its label, such as `CERTIFICATE`, and its bytes. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Bytes;
}

/** All well-formed PEM blocks of a text in their order; text between blocks and unreadable blocks are skipped, as in Go. */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, label = '', body = ''] of text.matchAll(BLOCK)) {
    const bytes = decodeBody(body);
    if (bytes) blocks.push({ label, bytes });
  }
  return blocks;
}

/** A PEM block with 64-column lines and a final newline. */
export function formatPem(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function decodeBody(body: string): Bytes | undefined {
  const headersEnd = body.includes(':') ? body.search(/\r?\n\r?\n/) : 0; // RFC 1421 headers end at an empty line
  try {
    return decodeBase64(body.slice(headersEnd).replace(/\s+/g, ''));
  } catch {
    return undefined;
  }
}
