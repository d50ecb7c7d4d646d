import { readFileSync } from 'node:fs';
import { KEY_TYPES, keyMarksOf, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { formatRecipient, suiteOf, toXWingKey, XWingKeyPair } from '@fuin/crypto-core/v2';
import { NATIVE_ALGORITHMS } from '@fuin/native-hpke';

/** A key of format v2 in all the forms that tests need. */
export interface TestKeyV2 {
  readonly pair: XWingKeyPair;
  readonly id: string;
  /** `fuin1...` */
  readonly recipient: string;
  /** Its key Secret in YAML (JSON, which is YAML). */
  readonly secret: string;
}

interface Vectors {
  readonly keys: readonly { readonly seed: string; readonly publicKey: string }[];
}

const path = new URL('../../../../../test/vectors/v2/vectors.json', import.meta.url);
const { keys } = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
const VALIDITY = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

/** The keys of the vectors. Public: they protect nothing. */
export const V2_KEYS: readonly TestKeyV2[] = await Promise.all(keys.slice(0, 3).map(testKey));

async function testKey({ seed, publicKey }: Vectors['keys'][number], at: number): Promise<TestKeyV2> {
  const material = {
    seed: Uint8Array.from(Buffer.from(seed, 'hex')),
    publicKey: Uint8Array.from(Buffer.from(publicKey, 'base64')),
  };
  const data = toXWingKey(material);
  const pair = await XWingKeyPair.of(material, suiteOf(NATIVE_ALGORITHMS));
  const secret = keySecretOfV2(`v2-key-${at + 1}`, pair.id, { type: KEY_TYPES.xWing, data });
  return {
    pair,
    id: pair.id,
    recipient: formatRecipient(pair.recipient.publicKey),
    secret: `${JSON.stringify(secret)}\n`,
  };
}

/** The Secret of a key that opens and is sealed with, as the controller makes it. */
export function keySecretOfV2(
  name: string,
  id: string,
  { type, data }: { readonly type: string; readonly data: Readonly<Record<string, string>> },
) {
  const labels = { [SEALING_KEY_LABEL]: 'active' };
  const metadata = { name, labels, annotations: keyMarksOf(id, VALIDITY) };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type, data };
}

/** What a controller with these keys, the newest first, serves at /v2/recipients. */
export function servedRecipients(served: readonly TestKeyV2[]): string {
  const recipients = served.map(({ id, recipient }) => ({
    id,
    recipient,
    suite: 1,
    format: 'v2',
    notBefore: VALIDITY.notBefore.toISOString(),
    notAfter: VALIDITY.notAfter.toISOString(),
  }));
  return JSON.stringify({ recipients });
}
