import { createPublicKey, encapsulate } from 'node:crypto';
import { type Bytes, encodeBase64 } from '@fuin/crypto-core';
import { suiteOf } from '@fuin/crypto-core/v2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Decapsulator, KEM_BYTES } from '../split/decapsulator.ts';
import type { Trouble } from './fault-proxy.ts';
import { CODES, expectNothingOf, failureOf, IMPATIENT_MS } from './wrapper-contract.ts';

/** A service that a test controls, and how a key of it is opened. */
export interface DecapsulatorRig {
  open(timeoutMs?: number): Decapsulator;
  /** From the next call on; undefined for none. */
  setTrouble(trouble: Trouble | undefined): void;
  /** What no message may hold. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}

const SPKI_PREFIX = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');

interface Encapsulated {
  readonly secret: Bytes;
  readonly ciphertext: Bytes;
}

/** A secret and its ciphertext for the public key of a key. */
async function encapsulated(key: Pick<Decapsulator, 'holds' | 'publicKey'>): Promise<Encapsulated> {
  const publicKey = await key.publicKey();
  expect(publicKey).toHaveLength(KEM_BYTES[key.holds].publicKey);
  return key.holds === 'half' ? encapsulatedForHalf(publicKey) : encapsulatedForWhole(publicKey);
}

async function encapsulatedForWhole(publicKey: Bytes): Promise<Encapsulated> {
  const { kem } = suiteOf();
  const { shared_secret, enc } = await kem.Encap(await kem.DeserializePublicKey(publicKey));
  return { secret: Uint8Array.from(shared_secret), ciphertext: Uint8Array.from(enc) };
}

function encapsulatedForHalf(publicKey: Bytes): Encapsulated {
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, publicKey]),
    format: 'der',
    type: 'spki',
  });
  const { sharedKey, ciphertext } = encapsulate(key);
  return { secret: Uint8Array.from(sharedKey), ciphertext: Uint8Array.from(ciphertext) };
}

/** What every key that decapsulates promises, whatever the service behind it. */
export function describeDecapsulator(
  what: string,
  start: () => Promise<DecapsulatorRig>,
  troubles: readonly Trouble[],
): void {
  describe(what, () => {
    let rig: DecapsulatorRig;
    let key: Decapsulator;
    beforeAll(async () => {
      rig = await start();
      key = rig.open();
    });
    beforeEach(() => rig.setTrouble(undefined));
    afterAll(async () => {
      await key?.close();
      await rig?.close();
    });

    it('gives the secret of what was encapsulated for its public key', async () => {
      const { secret, ciphertext } = await encapsulated(key);
      expect(await key.decapsulate(ciphertext)).toEqual(secret);
    });
    it('gives another secret, and no error, for a ciphertext that was changed', async () => {
      const { secret, ciphertext } = await encapsulated(key);
      const changed = ciphertext.with(7, (ciphertext[7] ?? 0) ^ 1) as Bytes;
      const other = await key.decapsulate(changed);
      expect([other?.length, other]).toEqual([32, expect.not.objectContaining(secret)]);
      expect(await key.decapsulate(changed)).toEqual(other);
    });
    it('gives null for what has the length of no ciphertext', async () => {
      expect(await key.decapsulate(new Uint8Array(KEM_BYTES[key.holds].ciphertext - 1))).toBeNull();
    });
    it.each(troubles)('reports trouble %s, shows no secret, and works again afterwards', async (trouble) => {
      const { secret, ciphertext } = await encapsulated(key);
      const impatient = trouble === 'silent' ? rig.open(IMPATIENT_MS) : key;
      rig.setTrouble(trouble);
      const failures = [
        await failureOf(impatient.decapsulate(ciphertext)),
        await failureOf(impatient.publicKey()),
      ];
      expect(failures.map(({ code }) => code)).toEqual(Array(2).fill(CODES[trouble]));
      expectNothingOf([...rig.secrets, ...[secret, ciphertext].map(encodeBase64)], failures);
      rig.setTrouble(undefined);
      expect(await key.decapsulate(ciphertext)).toEqual(secret);
      if (impatient !== key) await impatient.close();
    });
  });
}
