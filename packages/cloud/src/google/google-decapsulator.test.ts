import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pauseMsAfter } from '../faults.ts';
import { describeDecapsulator } from '../testing/decapsulator-contract.ts';
import { startFakeGoogleKem } from '../testing/fake-google-kem.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import { error, type VersionState } from '../testing/google-answers.ts';
import { failureOf } from '../testing/wrapper-contract.ts';
import { openGoogleDecapsulator } from './google-decapsulator.ts';

const REJECTED = 'ERR_KEY_SERVICE_REJECTED';
const UNAVAILABLE = 'ERR_KEY_SERVICE_UNAVAILABLE';
const CIPHERTEXT = new Uint8Array(1120).fill(1);

/** A Pod of GKE; the library of Google reads the environment of the process. */
function inPod(url: string, endpoint: string): Readonly<Record<string, string>> {
  vi.stubEnv('GCE_METADATA_HOST', new URL(url).host);
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
  return { KUBERNETES_SERVICE_HOST: '10.0.0.1', CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: endpoint };
}

describeDecapsulator('an X-Wing key of Google Cloud KMS (a stand-in)', async () => {
  const google = await startFakeGoogleKem();
  const proxy = await startFaultProxy(google.url);
  const env = inPod(google.url, proxy.url);
  return {
    open: (timeoutMs) => openGoogleDecapsulator(google.kemKey.version(1), { env }, timeoutMs),
    setTrouble: (trouble) => {
      proxy.trouble = trouble;
    },
    secrets: google.secrets,
    close: async () => {
      await Promise.all([proxy.close(), google.close()]);
      vi.unstubAllEnvs();
    },
  };
}, ['cut', 'garbage', 'huge', 'redirect', 'silent', 'gone', 403, 404, 429, 500, 503]);

describe('openGoogleDecapsulator', () => {
  let google: Awaited<ReturnType<typeof startFakeGoogleKem>>;
  beforeEach(async () => {
    google = await startFakeGoogleKem();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await google.close();
  });
  const open = (name = google.kemKey.version(1)) =>
    openGoogleDecapsulator(name, { env: inPod(google.url, google.url) });

  it.each([
    ['a key without a version, whose newest one may become another', (key: string) => key],
    [
      'the project by its number',
      (key: string) => `${key.replace('shop-prod', '123456789')}/cryptoKeyVersions/1`,
    ],
    ['version 0', (key: string) => `${key}/cryptoKeyVersions/0`],
    [
      'a version with a zero before it, which would be a second name',
      (key: string) => `${key}/cryptoKeyVersions/01`,
    ],
    ['more than a version', (key: string) => `${key}/cryptoKeyVersions/1:destroy`],
    ['another path', (key: string) => `${key}/../k/cryptoKeyVersions/1`],
    ['nothing', () => ''],
  ])('refuses %s', (_what, nameOf) => {
    expect(() => open(nameOf(google.key))).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
  it('asks for the public key and for secrets of the version that it is named by', async () => {
    google.rotate();
    const keys = [1, 2].map((number) => open(google.kemKey.version(number)));
    const [first, second] = await Promise.all(keys.map((each) => each.publicKey()));
    expect(first).not.toEqual(second);
    const secrets = await Promise.all(keys.map((each) => each.decapsulate(CIPHERTEXT)));
    expect(secrets[0]).not.toEqual(secrets[1]);
    await Promise.all(keys.map((each) => each.close()));
  });
  it.each<VersionState>(['DISABLED', 'DESTROY_SCHEDULED', 'DESTROYED'])(
    'says that the version is %s, and works again when it is enabled',
    async (state) => {
      const key = open();
      google.states[0] = state;
      expect(await failureOf(key.decapsulate(CIPHERTEXT))).toMatchObject({
        code: REJECTED,
        hint: expect.stringContaining('is disabled, or destroyed'),
      });
      google.states[0] = 'ENABLED';
      expect(await key.decapsulate(CIPHERTEXT)).toHaveLength(32);
      await key.close();
    },
  );
  it.each([
    ['another location', error(404, 'NOT_FOUND'), REJECTED, 'there is no such key in this location'],
    ['no right', error(403, 'PERMISSION_DENIED'), REJECTED, 'roles/cloudkms.decapsulator'],
    ['no quota', error(429, 'RESOURCE_EXHAUSTED', { 'retry-after': '7' }), UNAVAILABLE, 'a quota'],
    ['a clock that is wrong', error(401, 'UNAUTHENTICATED'), REJECTED, 'the clock of this machine'],
  ])('reports %s, without the words of the service', async (_what, answer, code, hint) => {
    google.refusal = answer;
    const key = open();
    for (const failure of [await failureOf(key.decapsulate(CIPHERTEXT)), await failureOf(key.publicKey())]) {
      expect(failure).toMatchObject({ code, hint: expect.stringContaining(hint) });
      expect(failure.message).not.toContain('not to be shown');
      expect(pauseMsAfter(failure, 0)).toBe(answer.status === 429 ? 7000 : 0);
    }
    await key.close();
  });
  it('says that a key is of another kind', async () => {
    google.kemKey.algorithm = 'ML_KEM_1024';
    const key = open();
    expect(await failureOf(key.publicKey())).toMatchObject({
      code: REJECTED,
      hint: expect.stringContaining('--default-algorithm kem-xwing'),
    });
    google.refusal = error(400, 'INVALID_ARGUMENT'); // a symmetric key has no public key
    expect(await failureOf(key.publicKey())).toMatchObject({
      code: REJECTED,
      hint: expect.stringContaining('--default-algorithm kem-xwing'),
    });
    await key.close();
  });
  it.each<[string, (fields: Record<string, unknown>) => object, string]>([
    ['a wrong checksum', (fields) => ({ ...fields, sharedSecretCrc32c: '1' }), UNAVAILABLE],
    ['no checksum', ({ sharedSecretCrc32c: _c, ...fields }) => fields, UNAVAILABLE],
    [
      'another secret than its checksum is of',
      (fields) => ({ ...fields, sharedSecret: 'AAAA' }),
      UNAVAILABLE,
    ],
    ['a short secret', (fields) => ({ ...fields, sharedSecret: '', sharedSecretCrc32c: '0' }), UNAVAILABLE],
    ['a number in place of base64', (fields) => ({ ...fields, sharedSecret: 1 }), UNAVAILABLE],
    [
      'no word that the ciphertext was checked',
      ({ verifiedCiphertextCrc32c: _v, ...fields }) => fields,
      UNAVAILABLE,
    ],
    ['false for its check', (fields) => ({ ...fields, verifiedCiphertextCrc32c: false }), UNAVAILABLE],
    [
      'the name of another version',
      (fields) => ({ ...fields, name: String(fields['name']).replace(/1$/, '2') }),
      REJECTED,
    ],
    ['no name', ({ name: _n, ...fields }) => fields, REJECTED],
  ])('takes no secret with %s', async (_what, spoil, code) => {
    google.spoil = spoil;
    const key = open();
    expect((await failureOf(key.decapsulate(CIPHERTEXT))).code).toBe(code);
    await key.close();
  });
  it.each<[string, (fields: Record<string, unknown>) => object, string]>([
    [
      'a wrong checksum',
      (fields) => ({ ...fields, publicKey: { ...Object(fields['publicKey']), crc32cChecksum: '1' } }),
      UNAVAILABLE,
    ],
    ['the key as PEM', (fields) => ({ ...fields, publicKey: undefined, pem: 'x' }), UNAVAILABLE],
    [
      'the key of another kind',
      (fields) => ({ ...fields, publicKey: { data: '', crc32cChecksum: '0' } }),
      UNAVAILABLE,
    ],
    [
      'the name of another version',
      (fields) => ({ ...fields, name: String(fields['name']).replace(/1$/, '2') }),
      REJECTED,
    ],
  ])('takes no public key with %s', async (_what, spoil, code) => {
    google.spoil = spoil;
    const key = open();
    expect((await failureOf(key.publicKey())).code).toBe(code);
    await key.close();
  });
});
