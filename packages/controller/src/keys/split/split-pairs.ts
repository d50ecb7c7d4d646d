import type { Decapsulator } from '@fuin/cloud/split';
import { type Bytes, KEY_TYPES, printable, SealedSecretsError } from '@fuin/crypto-core';
import {
  formatRecipient,
  type HeldKeyMaterial,
  readHeldKey,
  readSplitKey,
  type SplitKeyMaterial,
  suiteOf,
  toHeldKey,
  toSplitKey,
  XWingKeyPair,
} from '@fuin/crypto-core/v2';
import { drawCurveHalf, heldDecapsulation, NATIVE_ALGORITHMS, splitDecapsulation } from '@fuin/native-hpke';
import type { DrawnSplitKey, SplitKeys } from './split-key.ts';

const SUITE = suiteOf(NATIVE_ALGORITHMS);

/** Sealing keys with these keys of key services, of which the first makes new ones. */
export function splitKeysOf(
  decapsulators: readonly Decapsulator[],
): Omit<SplitKeys, 'onDecapsulation'> | undefined {
  const [first] = decapsulators;
  if (!first) return undefined;
  return {
    description: first.describe(),
    only: first.holds === 'whole' ? first.name : undefined,
    read: async (data, type) => {
      const held = type === KEY_TYPES.held ? readHeldKey(data) : undefined;
      const keyPair = held
        ? await heldPair(held, decapsulators)
        : await splitPair(readSplitKey(data), decapsulators);
      const published = formatRecipient(keyPair.recipient.publicKey);
      return { keyPair, published, ...(held ? { heldAs: held.keyService } : {}) };
    },
    draw: async () => {
      const publicKey = await first.publicKey();
      return first.holds === 'whole' ? drawHeld(first, publicKey) : drawSplit(first, publicKey);
    },
    close: async () => void (await Promise.all(decapsulators.map((each) => each.close()))),
  };
}

/** No other service is ever asked, whatever a key Secret says. */
function holderOf(
  keyService: string,
  part: Decapsulator['holds'],
  decapsulators: readonly Decapsulator[],
): Decapsulator {
  const holder = decapsulators.find(({ name }) => name === keyService);
  if (!holder)
    throw new SealedSecretsError(
      'ERR_KEY_SERVICE_REJECTED',
      `it needs ${printable(keyService)}, which --split-key does not name`,
    );
  if (holder.holds === part) return holder;
  throw new SealedSecretsError(
    'ERR_KEY_INVALID',
    'key-service names a key of another kind than the type of the Secret says',
  );
}

async function heldPair(
  { publicKey, keyService }: HeldKeyMaterial,
  decapsulators: readonly Decapsulator[],
): Promise<XWingKeyPair> {
  const holder = holderOf(keyService, 'whole', decapsulators);
  const decapsulate = heldDecapsulation((encapsulation) => holder.decapsulate(encapsulation));
  return XWingKeyPair.heldBy(decapsulate, publicKey, SUITE);
}

async function splitPair(
  { publicKey, curveKey, keyService }: SplitKeyMaterial,
  decapsulators: readonly Decapsulator[],
): Promise<XWingKeyPair> {
  const holder = holderOf(keyService, 'half', decapsulators);
  const decapsulate = splitDecapsulation(curveKey, publicKey, (ciphertext) => holder.decapsulate(ciphertext));
  curveKey.fill(0);
  if (decapsulate) return XWingKeyPair.heldBy(decapsulate, publicKey, SUITE);
  throw new SealedSecretsError('ERR_KEY_INVALID', 'x25519-key does not belong to public-key');
}

/** The X25519 half is new each time, and so the whole key is another one. */
async function drawSplit(holder: Decapsulator, pqPublicKey: Bytes): Promise<DrawnSplitKey> {
  const { privateKey: curveKey, publicKey: point } = drawCurveHalf();
  const publicKey = Uint8Array.from([...pqPublicKey, ...point]);
  const material = { publicKey, curveKey, keyService: holder.name };
  const data = toSplitKey(material);
  return proven(await splitPair(material, [holder]), { type: KEY_TYPES.split, data }, holder);
}

/** The same key each time. */
async function drawHeld(holder: Decapsulator, publicKey: Bytes): Promise<DrawnSplitKey> {
  const material = { publicKey, keyService: holder.name };
  const secret = { type: KEY_TYPES.held, data: toHeldKey(material) };
  return proven(await heldPair(material, [holder]), secret, holder);
}

async function proven(
  pair: XWingKeyPair,
  secret: Omit<DrawnSplitKey, 'id'>,
  holder: Pick<Decapsulator, 'describe'>,
): Promise<DrawnSplitKey> {
  if (await pair.isSound()) return { id: pair.id, ...secret };
  throw new SealedSecretsError('ERR_KEY_INVALID', `${holder.describe()} does not open what is sealed for it`);
}
