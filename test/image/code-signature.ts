import { createHash } from 'node:crypto';

/** Numbers of Apple's formats (xnu, osfmk/kern/cs_blobs.h and EXTERNAL_HEADERS/mach-o/loader.h). */
const MACHO_64 = 0xfeedfacf;
const HEADER_BYTES = 32;
const LC_CODE_SIGNATURE = 0x1d;
const EMBEDDED_SIGNATURE = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const SHA_256 = 2;
const ADHOC = 2;
const XML_SLOT = 5;
const DER_SLOT = 7;

/** The signature of an executable for macOS, read without the code that writes it. */
export interface Signature {
  /** Where it begins in the file. */
  readonly offset: number;
  readonly identifier: string;
  readonly flags: string;
  /** Bytes of the file that it covers. */
  readonly limit: number;
  readonly pageBytes: number;
  /** SHA-256 of each page. */
  readonly digests: readonly Buffer[];
  /** SHA-256 of what else the signature covers, by slot. */
  readonly special: Readonly<Record<number, Buffer>>;
  readonly entitlements: readonly { readonly slot: number; readonly text: string; readonly digest: Buffer }[];
}

/** @throws Error when there is none, or one of another kind */
export function readSignature(program: Buffer): Signature {
  const offset = offsetOf(program);
  const blobs = blobsOf(program.subarray(offset));
  const entitlements = [XML_SLOT, DER_SLOT].flatMap((slot) => {
    const blob = blobs[slot];
    if (!blob) return [];
    return [{ slot, text: blob.toString('latin1', 8), digest: createHash('sha256').update(blob).digest() }];
  });
  return { offset, entitlements, ...readDirectory(blobs[0] ?? Buffer.of()) };
}

/** Finds the load command that says where the signature is. */
function offsetOf(program: Buffer): number {
  if (program.readUInt32LE(0) !== MACHO_64) throw new Error('no executable of 64 bits for macOS');
  let at = HEADER_BYTES;
  for (let left = program.readUInt32LE(16); left > 0; left--) {
    if (program.readUInt32LE(at) === LC_CODE_SIGNATURE) return program.readUInt32LE(at + 8);
    at += program.readUInt32LE(at + 4);
  }
  throw new Error('not signed');
}

function blobsOf(signature: Buffer): Record<number, Buffer> {
  if (signature.readUInt32BE(0) !== EMBEDDED_SIGNATURE) throw new Error('no signature where one should be');
  const entries = Array.from({ length: signature.readUInt32BE(8) }, (_, index) => {
    const [slot, start] = [signature.readUInt32BE(12 + 8 * index), signature.readUInt32BE(16 + 8 * index)];
    return [slot, signature.subarray(start, start + signature.readUInt32BE(start + 4))] as const;
  });
  return Object.fromEntries(entries);
}

function readDirectory(blob: Buffer): Omit<Signature, 'offset' | 'entitlements'> {
  if (blob.readUInt32BE(0) !== CODE_DIRECTORY || blob[37] !== SHA_256)
    throw new Error('no digests of SHA-256');
  const [flags = 0, start = 0, name = 0, specials = 0, pages = 0, limit = 0] = [12, 16, 20, 24, 28, 32].map(
    (at) => blob.readUInt32BE(at),
  );
  const bytes = blob[36] ?? 0;
  const digest = (index: number) => blob.subarray(start + index * bytes, start + (index + 1) * bytes);
  return {
    identifier: blob.toString('latin1', name, blob.indexOf(0, name)),
    flags: flags === ADHOC ? 'adhoc' : String(flags),
    limit,
    pageBytes: 2 ** (blob[39] ?? 0),
    digests: Array.from({ length: pages }, (_, page) => digest(page)),
    special: Object.fromEntries(
      Array.from({ length: specials }, (_, index) => [index + 1, digest(-index - 1)]),
    ),
  };
}
