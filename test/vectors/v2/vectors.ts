import { encryptionLabel, type Scope } from '../../../packages/crypto-core/src/index.ts';
import { XWingKeyPair } from '../../../packages/crypto-core/src/keys/x-wing/key-pair.ts';
import type { Suite } from '../../../packages/crypto-core/src/keys/x-wing/suite.ts';
import { parseEnvelope } from '../../../packages/crypto-core/src/value/format-table.ts';
import { readVector } from '../read.ts';

/** One value of format v2, and what a reader must say of it (README.md). */
export interface Vector {
  readonly id: number;
  readonly what: string;
  /** Base64. */
  readonly value: string;
  /** Of the private key, hexadecimal. */
  readonly seed: string;
  readonly scope: Scope;
  readonly namespace: string;
  readonly name: string;
  readonly item: string;
  readonly result: 'opens' | 'closed' | 'malformed';
  /** Hexadecimal; absent where it is empty or nothing opens. */
  readonly plaintext?: string;
  /** Seconds since 1970. */
  readonly expiry?: number;
}

/** A key pair that vectors are sealed for or read with. */
interface VectorKey {
  /** Hexadecimal. */
  readonly seed: string;
  /** Base64. */
  readonly publicKey: string;
  /** Hexadecimal. */
  readonly keyId: string;
}

/** The content of a file of vectors. */
export interface VectorFile {
  readonly keys: readonly VectorKey[];
  readonly vectors: readonly Vector[];
}

/** The vectors of this repository, made once by go/. */
export const FILE = JSON.parse(readVector('v2/vectors.json')) as VectorFile;

/** The key pair of a seed among those of the file. */
export function vectorKey(seed: string, suite?: Suite): Promise<XWingKeyPair> {
  const publicKey = FILE.keys.find((key) => key.seed === seed)?.publicKey ?? '';
  const material = {
    seed: Uint8Array.from(Buffer.from(seed, 'hex')),
    publicKey: Uint8Array.from(Buffer.from(publicKey, 'base64')),
  };
  return XWingKeyPair.of(material, suite);
}

/** What our reader makes of a vector. */
export async function readingOf(vector: Vector, suite?: Suite): Promise<Partial<Vector>> {
  return readingWith(await vectorKey(vector.seed, suite), vector);
}

/** The same with this key. */
export async function readingWith(key: XWingKeyPair, vector: Vector): Promise<Partial<Vector>> {
  const { id, value, scope, namespace, name, item } = vector;
  const bytes = Uint8Array.from(Buffer.from(value, 'base64'));
  const envelope = (() => {
    try {
      return parseEnvelope(bytes);
    } catch {
      return undefined;
    }
  })();
  if (envelope?.format !== 'v2') return { id, result: 'malformed' };
  const plaintext = await key.open(envelope, encryptionLabel(scope, namespace, name), item);
  if (!plaintext) return { id, result: 'closed' };
  const expiry = envelope.expiresAt === undefined ? 0 : envelope.expiresAt.getTime() / 1000;
  return {
    id,
    result: 'opens',
    ...(plaintext.length > 0 ? { plaintext: Buffer.from(plaintext).toString('hex') } : {}),
    ...(expiry > 0 ? { expiry } : {}),
  };
}

/** The same of the vector itself. */
export function expectationOf({ id, result, plaintext, expiry }: Vector): Partial<Vector> {
  return {
    id,
    result,
    ...(plaintext === undefined ? {} : { plaintext }),
    ...(expiry === undefined ? {} : { expiry }),
  };
}
