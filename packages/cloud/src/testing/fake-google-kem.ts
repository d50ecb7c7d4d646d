import { suiteOf } from '@fuin/crypto-core/v2';
import { crc32c } from '../google/crc32c.ts';
import { type FakeGoogle, type FakeKey, KEY_NAME, startFakeGoogle } from './fake-google.ts';
import { type Body, checkedBytes, error, notEnabled, type VersionState } from './google-answers.ts';
import { type FakeAnswer, type FakeRequest, ok } from './json-server.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type KeyPair = Awaited<ReturnType<typeof kem.GenerateKeyPair>>;

const { kem } = suiteOf();
const ROUTE =
  /^\/v1\/(.+)\/cryptoKeyVersions\/(\d+)(:decapsulate|\/publicKey\?publicKeyFormat=XWING_RAW_BYTES)$/;

/**
 * A key for key encapsulation with the algorithm KEM_XWING, made from the published reference of
 * `decapsulate` and `getPublicKey`. Its versions are real key pairs of X-Wing: like every such key it
 * answers a wrong ciphertext with a pseudo-random secret.
 */
export class FakeKemKey implements FakeKey {
  readonly name = KEY_NAME;
  readonly states: VersionState[] = [];
  /** What it was asked, such as `decapsulate`. */
  readonly actions: string[] = [];
  /** As the answers say it. */
  algorithm = 'KEM_XWING';
  readonly #versions: Promise<KeyPair>[] = [];

  constructor() {
    this.rotate();
  }

  /** Resource name of a version, from 1 on. */
  version(number: number): string {
    return `${this.name}/cryptoKeyVersions/${number}`;
  }

  rotate(): void {
    this.#versions.push(kem.GenerateKeyPair(false));
    this.states.push('ENABLED');
  }

  async answer({ path, body }: FakeRequest): Promise<FakeAnswer> {
    const [, name, number, route = ''] = ROUTE.exec(path) ?? [];
    const pair = await this.#versions[Number(number) - 1];
    if (name !== this.name || !pair) return error(404, 'NOT_FOUND');
    const state = this.states[Number(number) - 1];
    if (state !== 'ENABLED') return notEnabled(state);
    const about = { name: this.version(Number(number)), protectionLevel: 'SOFTWARE' };
    this.actions.push(route === ':decapsulate' ? 'decapsulate' : 'publicKey');
    if (route !== ':decapsulate') return ok({ ...about, ...(await this.#publicKey(pair)) });
    const ciphertext = checkedBytes(JSON.parse(body) as Body, 'ciphertext');
    const secret = ciphertext && (await decapsulated(Uint8Array.from(ciphertext), pair));
    if (!secret) return error(400, 'INVALID_ARGUMENT');
    return ok({
      ...about,
      sharedSecret: Buffer.from(secret).toString('base64'),
      sharedSecretCrc32c: String(crc32c(secret)),
      verifiedCiphertextCrc32c: true,
    });
  }

  async #publicKey({ publicKey }: KeyPair) {
    const bytes = await kem.SerializePublicKey(publicKey);
    const data = Buffer.from(bytes).toString('base64');
    return {
      algorithm: this.algorithm,
      publicKeyFormat: 'XWING_RAW_BYTES',
      publicKey: { data, crc32cChecksum: String(crc32c(bytes)) },
    };
  }
}

/** Null for what is no ciphertext of X-Wing. */
async function decapsulated(ciphertext: Bytes, { privateKey, publicKey }: KeyPair) {
  try {
    return await kem.Decap(ciphertext, privateKey, publicKey);
  } catch {
    return null;
  }
}

/** Cloud KMS with one such key. */
export async function startFakeGoogleKem(): Promise<FakeGoogle & { readonly kemKey: FakeKemKey }> {
  const kemKey = new FakeKemKey();
  return Object.assign(await startFakeGoogle(kemKey), { kemKey });
}
