import {
  type Bytes,
  type KeyRing,
  openItems,
  type SealedSecret,
  SealedSecretsError,
} from '@fuin/crypto-core';
import type { OpenedValues, Opener } from './opener.ts';

/** Opens with private keys, item by item: one that does not open leaves the others open. */
export function keyOpener(ring: KeyRing): Opener {
  return {
    source: 'the given private keys',
    open: ({ sealedSecret }) => openEach(sealedSecret, ring),
    close: async () => undefined,
  };
}

async function openEach({ spec, ...owner }: SealedSecret, ring: KeyRing): Promise<OpenedValues> {
  const values = new Map<string, Bytes>();
  const closed = new Map<string, string>();
  const hints = new Set<string>();
  for (const [item, sealed] of Object.entries(spec.encryptedData)) {
    try {
      const single = { ...owner, spec: { encryptedData: { [item]: sealed } } };
      const opened = await openItems(single, ring, { hints: [...hints] });
      const value = opened.values.get(item);
      if (value) values.set(item, value);
      const key = opened.openedBy.get(item);
      if (key !== undefined) hints.add(key);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      const isWrongKey = error.code === 'ERR_NO_KEY_OPENS_VALUE';
      closed.set(item, isWrongKey ? 'no given key opens it' : 'it is damaged');
    }
  }
  return { values, closed };
}
