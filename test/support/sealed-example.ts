import { importKeyPair } from '../../packages/crypto-core/src/keys/key-pair.ts';
import type { SealedSecret, Secret } from '../../packages/crypto-core/src/secret/resource.ts';
import { sealSecret } from '../../packages/crypto-core/src/secret/seal.ts';
import type { KeyPair } from '../../packages/crypto-core/src/value/key.ts';
import { readVector } from '../vectors/read.ts';

/** Plaintext of one item; must never come back in a message. */
export const CANARY = 'pl4intext-c4n4ry';

/** A SealedSecret of two items, `a` (CANARY) and `b`, and what tests of opening it bend and try. */
export interface SealedExample {
  readonly sealed: SealedSecret;
  /** Opens it. */
  readonly key: KeyPair;
  readonly other: KeyPair;
  /** The example with another spec. */
  withSpec(spec: Partial<SealedSecret['spec']>): SealedSecret;
}

/** Seals the example. */
export async function sealedExample(): Promise<SealedExample> {
  const key = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'), { copies: 2 });
  const other = await importKeyPair(readVector('keys/rsa2048-b.pkcs8.pem'));
  const sealed = await sealSecret(secretOf({ a: CANARY, b: 'two' }), key);
  return { sealed, key, other, withSpec: (spec) => ({ ...sealed, spec: { ...sealed.spec, ...spec } }) };
}

/** The Secret of the example, with other texts. */
export function secretOf(stringData: Record<string, string>): Secret {
  const metadata = { name: 'db', namespace: 'blue' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, stringData };
}

/** What an opening that must fail fails with. */
export async function errorOf(opening: Promise<unknown>): Promise<Error> {
  const outcome = await opening.then(
    () => 'opened',
    (error: Error) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error(outcome);
}
