import type { Decapsulator } from '@fuin/cloud/split';
import { printable, SealedSecretsError } from '@fuin/crypto-core';
import {
  formatRecipient,
  readSplitKey,
  type SplitKeyMaterial,
  suiteOf,
  toSplitKey,
  XWingKeyPair,
} from '@fuin/crypto-core/v2';
import { drawCurveHalf, NATIVE_ALGORITHMS, splitDecapsulation } from '@fuin/native-hpke';
import type { SplitKeys } from './split-key.ts';

const SUITE = suiteOf(NATIVE_ALGORITHMS);

/** Split keys with these keys of key services, of which the first splits new ones. */
export function splitKeysOf(
  decapsulators: readonly Decapsulator[],
): Omit<SplitKeys, 'onDecapsulation'> | undefined {
  const [first] = decapsulators;
  if (!first) return undefined;
  return {
    description: first.describe(),
    read: async (data) => {
      const keyPair = await pairOf(readSplitKey(data), decapsulators);
      return { keyPair, published: formatRecipient(keyPair.recipient.publicKey) };
    },
    draw: () => draw(first),
    close: async () => void (await Promise.all(decapsulators.map((each) => each.close()))),
  };
}

/** No other service is ever asked, whatever a key Secret says. */
async function pairOf(
  { publicKey, curveKey, keyService }: SplitKeyMaterial,
  decapsulators: readonly Decapsulator[],
): Promise<XWingKeyPair> {
  const holder = decapsulators.find(({ name }) => name === keyService);
  if (!holder)
    throw new SealedSecretsError(
      'ERR_KEY_SERVICE_REJECTED',
      `a part of it is in ${printable(keyService)}, which --split-key does not name`,
    );
  const decapsulate = splitDecapsulation(curveKey, publicKey, (ciphertext) => holder.decapsulate(ciphertext));
  curveKey.fill(0);
  if (decapsulate) return XWingKeyPair.heldBy(decapsulate, publicKey, SUITE);
  throw new SealedSecretsError('ERR_KEY_INVALID', 'x25519-key does not belong to public-key');
}

/** The X25519 half is new each time, and so the whole key is another one. */
async function draw(holder: Decapsulator) {
  const pqPublicKey = await holder.publicKey();
  const { privateKey: curveKey, publicKey: point } = drawCurveHalf();
  const publicKey = Uint8Array.from([...pqPublicKey, ...point]);
  const data = toSplitKey({ publicKey, curveKey, keyService: holder.name });
  const pair = await pairOf({ publicKey, curveKey, keyService: holder.name }, [holder]);
  if (await pair.isSound()) return { id: pair.id, data };
  throw new SealedSecretsError('ERR_KEY_INVALID', `${holder.describe()} does not open what is sealed for it`);
}
