import type { Key } from '../../packages/crypto-core/src/value/key.ts';

/** The same key, which calls `onOpen` before each value that it tries: one private-key operation. */
export function watchedKey(key: Key, onOpen: () => void): Key {
  return {
    id: key.id,
    mayOpen: (envelope) => key.mayOpen(envelope),
    open: (envelope, label, item) => {
      onOpen();
      return key.open(envelope, label, item);
    },
  };
}
