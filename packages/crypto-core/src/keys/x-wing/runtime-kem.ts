import { type KEM, KEM_MLKEM768_X25519, type KEMFactory, NotSupportedError } from 'hpke';

/**
 * MLKEM768-X25519 by the Web Crypto of the runtime. Where it does not have the algorithm, the same one is
 * loaded in JavaScript, which is some times slower.
 */
export const runtimeKem: KEMFactory = () => {
  const own = KEM_MLKEM768_X25519();
  let chosen: Promise<KEM> | undefined;
  const kem = () => {
    chosen ??= isSupported(own).then(async (isOwn) =>
      isOwn ? own : (await import('./noble-kem.ts')).nobleKem(),
    );
    return chosen;
  };
  const { id, type, name, Nsecret, Nenc, Npk, Nsk } = own;
  return {
    ...{ id, type, name, Nsecret, Nenc, Npk, Nsk },
    DeriveKeyPair: async (...given) => (await kem()).DeriveKeyPair(...given),
    GenerateKeyPair: async (...given) => (await kem()).GenerateKeyPair(...given),
    SerializePublicKey: async (...given) => (await kem()).SerializePublicKey(...given),
    DeserializePublicKey: async (...given) => (await kem()).DeserializePublicKey(...given),
    SerializePrivateKey: async (...given) => (await kem()).SerializePrivateKey(...given),
    DeserializePrivateKey: async (...given) => (await kem()).DeserializePrivateKey(...given),
    Encap: async (...given) => (await kem()).Encap(...given),
    Decap: async (...given) => (await kem()).Decap(...given),
  };
};

/** Tried, since not every runtime that has the algorithm can say so. */
async function isSupported(kem: KEM): Promise<boolean> {
  try {
    await kem.GenerateKeyPair(false);
    return true;
  } catch (error) {
    if (error instanceof NotSupportedError) return false;
    throw error;
  }
}
