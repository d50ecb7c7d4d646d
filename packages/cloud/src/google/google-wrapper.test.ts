import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { pauseMsAfter } from '../faults.ts';
import { type FakeGoogle, startFakeGoogle } from '../testing/fake-google.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import { error, type VersionState } from '../testing/google-answers.ts';
import { CONTEXT, describeWrapper, failureOf } from '../testing/wrapper-contract.ts';
import { openGoogleWrapper } from './google-wrapper.ts';

const DATA_KEY = new Uint8Array(32).fill(7);
const REJECTED = 'ERR_KEY_SERVICE_REJECTED';
const UNAVAILABLE = 'ERR_KEY_SERVICE_UNAVAILABLE';

/** A Pod of GKE; the library of Google reads the environment of the process. */
function inPod(url: string): Readonly<Record<string, string>> {
  vi.stubEnv('GCE_METADATA_HOST', new URL(url).host);
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
  return { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
}

describeWrapper('a key of Google Cloud KMS', async () => {
  const google = await startFakeGoogle();
  const proxy = await startFaultProxy(google.url);
  const env = { ...inPod(google.url), CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: proxy.url };
  return {
    open: (timeoutMs) => openGoogleWrapper(google.key, { env }, timeoutMs),
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

describe('a wrapper of Google Cloud KMS', () => {
  let google: FakeGoogle;
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-google-'));
  });
  beforeEach(async () => {
    google = await startFakeGoogle();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await google.close();
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  const open = (key = google.key, more: Readonly<Record<string, string>> = inPod(google.url)) =>
    openGoogleWrapper(key, { env: { ...more, CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: google.url } });

  it('asks for one token for many keys, and for another one before it expires', async () => {
    const wrapper = open();
    const all = await Promise.all(Array.from({ length: 8 }, () => wrapper.wrap(DATA_KEY, CONTEXT)));
    for (const wrapped of all) expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(DATA_KEY);
    expect(google.tokenRequests).toBe(1);
    await wrapper.close();
    google.lifeSeconds = 1; // less than the spare time of the library
    const hasty = open();
    await hasty.wrap(DATA_KEY, CONTEXT);
    await hasty.wrap(DATA_KEY, CONTEXT);
    expect(google.tokenRequests).toBe(3);
    await hasty.close();
  });
  it('gets another token when the clock of the service says that the first one has expired', async () => {
    const wrapper = open();
    const wrapped = await wrapper.wrap(DATA_KEY, CONTEXT);
    google.tokens.clear();
    const opened = await Promise.all(Array.from({ length: 4 }, () => wrapper.unwrap(wrapped, CONTEXT)));
    expect(opened).toEqual(Array(4).fill(DATA_KEY));
    expect(google.tokenRequests).toBe(2);
    google.refusal = error(401, 'UNAUTHENTICATED');
    expect(await failureOf(wrapper.unwrap(wrapped, CONTEXT))).toMatchObject({
      code: REJECTED,
      hint: 'the token is not valid, or the clock of this machine is wrong',
    });
    expect(google.tokenRequests).toBe(3);
    await wrapper.close();
  });
  it('waits for a metadata server that is not there yet, as at the start of a Pod', async () => {
    const wrapper = open();
    google.tokenRefusal = error(404, 'NOT_FOUND');
    expect((await failureOf(wrapper.wrap(DATA_KEY, CONTEXT))).code).toBe(REJECTED);
    google.tokenRefusal = undefined;
    expect(await wrapper.unwrap(await wrapper.wrap(DATA_KEY, CONTEXT), CONTEXT)).toEqual(DATA_KEY);
    await wrapper.close();
  });
  it('names the version of the key that wrapped, opens older ones, and rewraps with the newest', async () => {
    const wrapper = open();
    const old = await wrapper.wrap(DATA_KEY, CONTEXT);
    google.rotate();
    expect(await wrapper.unwrap(old, CONTEXT)).toEqual(DATA_KEY);
    const fresh = await wrapper.rewrap(old, CONTEXT);
    expect([old, fresh].map((each) => Buffer.from(each).toString().slice(0, 11))).toEqual([
      'gcp-kms:v1:',
      'gcp-kms:v2:',
    ]);
    await wrapper.close();
  });
  it.each<VersionState>(['DISABLED', 'DESTROY_SCHEDULED', 'DESTROYED'])(
    'says that a version is %s',
    async (state) => {
      const wrapper = open();
      const wrapped = await wrapper.wrap(DATA_KEY, CONTEXT);
      google.states[0] = state;
      const failure = await failureOf(wrapper.unwrap(wrapped, CONTEXT));
      expect(failure).toMatchObject({
        code: REJECTED,
        hint: expect.stringContaining('is disabled, or destroyed'),
      });
      google.states[0] = 'ENABLED';
      expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(DATA_KEY);
      await wrapper.close();
    },
  );
  it.each([
    ['another location', error(404, 'NOT_FOUND'), REJECTED, 'there is no such key in this location'],
    ['no right', error(403, 'PERMISSION_DENIED'), REJECTED, 'roles/cloudkms.cryptoKeyEncrypterDecrypter'],
    ['no quota', error(429, 'RESOURCE_EXHAUSTED', { 'retry-after': '7' }), UNAVAILABLE, 'a quota'],
  ])('reports %s', async (_what, answer, code, hint) => {
    google.refusal = answer;
    const wrapper = open();
    const failure = await failureOf(wrapper.wrap(DATA_KEY, CONTEXT));
    expect(failure).toMatchObject({ code, hint: expect.stringContaining(hint) });
    expect(failure.message).not.toContain('not to be shown');
    expect(pauseMsAfter(failure, 0)).toBe(answer.status === 429 ? 7000 : 0);
    await wrapper.close();
  });
  it('finds no key in another location', async () => {
    const wrapper = open(google.key.replace('europe-west3', 'us-east1'));
    expect((await failureOf(wrapper.wrap(DATA_KEY, CONTEXT))).message).toMatch(/it answered NOT_FOUND$/);
    await wrapper.close();
  });
  it.each<[string, (fields: Record<string, unknown>) => object, string]>([
    [
      'a wrong checksum',
      (fields) => ({ ...fields, ciphertextCrc32c: '1', plaintextCrc32c: '1' }),
      UNAVAILABLE,
    ],
    ['no checksum', ({ ciphertextCrc32c: _c, plaintextCrc32c: _p, ...fields }) => fields, UNAVAILABLE],
    [
      'another text than its checksum is of',
      (fields) => ({ ...fields, ciphertext: 'AAAA', plaintext: 'AAAA' }),
      UNAVAILABLE,
    ],
    ['a number in place of base64', (fields) => ({ ...fields, ciphertext: 1, plaintext: 1 }), UNAVAILABLE],
  ])('takes no answer with %s', async (_what, spoil, code) => {
    const wrapper = open();
    const wrapped = await wrapper.wrap(DATA_KEY, CONTEXT);
    google.spoil = spoil;
    expect((await failureOf(wrapper.wrap(DATA_KEY, CONTEXT))).code).toBe(code);
    expect((await failureOf(wrapper.unwrap(wrapped, CONTEXT))).code).toBe(code);
    await wrapper.close();
  });
  it.each<[string, (fields: Record<string, unknown>) => object, string]>([
    [
      'is for another key',
      (fields) => ({ ...fields, name: String(fields['name']).replace('k8s', 'k9s') }),
      REJECTED,
    ],
    ['names no version', (fields) => ({ ...fields, name: 'projects/shop-prod' }), REJECTED],
    [
      'says that the key arrived unchecked',
      (fields) => ({ ...fields, verifiedPlaintextCrc32c: false }),
      UNAVAILABLE,
    ],
    [
      'says that the context arrived unchecked',
      ({ verifiedAdditionalAuthenticatedDataCrc32c: _v, ...fields }) => fields,
      UNAVAILABLE,
    ],
  ])('takes no wrapped key where the answer %s', async (_what, spoil, code) => {
    const wrapper = open();
    google.spoil = spoil;
    expect((await failureOf(wrapper.wrap(DATA_KEY, CONTEXT))).code).toBe(code);
    await wrapper.close();
  });

  const external = async (token: string) => {
    const [tokenFile, file] = [join(directory, 'token'), join(directory, 'credentials.json')];
    await writeFile(tokenFile, token);
    const config = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/k8s',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${google.url}/v1/token`,
      credential_source: { file: tokenFile },
    };
    await writeFile(file, JSON.stringify(config));
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
    return { GOOGLE_APPLICATION_CREDENTIALS: file };
  };
  it('exchanges the token of a service account of another cluster (workload identity federation)', async () => {
    const wrapper = open(google.key, await external(google.subjectToken));
    expect(await wrapper.unwrap(await wrapper.wrap(DATA_KEY, CONTEXT), CONTEXT)).toEqual(DATA_KEY);
    expect(google.tokenRequests).toBe(1);
    await wrapper.close();
  });
  it('says that Google does not take a token, and shows neither the token nor what Google says', async () => {
    const wrapper = open(google.key, await external('another-token'));
    const failure = await failureOf(wrapper.wrap(DATA_KEY, CONTEXT));
    expect(failure).toMatchObject({
      code: REJECTED,
      hint: expect.stringContaining('the clock of this machine'),
    });
    expect(failure.message).toBe('key service of Google (credentials): it answered invalid_grant');
    await wrapper.close();
  });
  it.each([
    ['is missing', undefined],
    ['is cut in half', '{"type": "service_account", "private_key": "SECR'],
  ])('says that a credential file %s', async (_what, content) => {
    const file = join(directory, 'broken.json');
    if (content !== undefined) await writeFile(file, content);
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
    const wrapper = open(google.key, { GOOGLE_APPLICATION_CREDENTIALS: file });
    const failure = await failureOf(wrapper.wrap(DATA_KEY, CONTEXT));
    expect(failure.code).toBe(REJECTED);
    expect(failure.message).toBe('key service of Google (credentials): there are none that can be used');
    await wrapper.close();
    await rm(file, { force: true });
  });
  it('takes a token of the environment', async () => {
    const wrapper = open(google.key, { GOOGLE_OAUTH_ACCESS_TOKEN: 'given' });
    expect((await failureOf(wrapper.wrap(DATA_KEY, CONTEXT))).message).toMatch(
      /it answered UNAUTHENTICATED$/,
    );
    expect(google.tokenRequests).toBe(0);
    await wrapper.close();
  });
  it.each([
    '',
    'projects/123456789/locations/global/keyRings/r/cryptoKeys/k',
    'projects/shop-prod/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1',
    'projects/shop-prod/locations/global/keyRings/../cryptoKeys/k',
  ])('is not named %j', (name) => {
    expect(() => open(name)).toThrow('gcp-kms: needs the resource name of a key');
  });
});
