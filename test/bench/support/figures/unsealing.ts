import { type KeyPair, KeyRing, type SealedSecret, sealSecret, unsealSecret } from '@fuin/crypto-core';
import { type Rate, type RateOptions, rate } from './raw-rsa.ts';

const OBJECTS = 64;

/** How fast SealedSecrets of one value are opened that are sealed for a key pair. */
export async function unsealing(pair: KeyPair, options: RateOptions): Promise<() => Promise<Rate>> {
  const seal = (_: unknown, index: number): Promise<SealedSecret> =>
    sealSecret(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `object-${index}`, namespace: 'bench' },
        stringData: { password: 'correct horse battery staple' },
      },
      pair,
    );
  const objects = await Promise.all(Array.from({ length: OBJECTS }, seal));
  const ring = KeyRing.of(pair);
  return () => rate(options, (turn) => unsealSecret(objects[turn % OBJECTS] as SealedSecret, ring));
}
