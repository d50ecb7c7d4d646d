import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeDecapsulator } from '../testing/decapsulator-contract.ts';
import { startFakeKms } from '../testing/fake-kem-service.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import { failureOf } from '../testing/wrapper-contract.ts';
import { openAwsDecapsulator } from './aws-decapsulator.ts';

const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
const ARN = 'arn:aws:kms:eu-central-1:111122223333';
/** The library of AWS reads the environment of the process. */
function inEnvironment(): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
}

describeDecapsulator('an ML-KEM key of AWS KMS (a stand-in)', async () => {
  inEnvironment();
  const kms = await startFakeKms();
  const proxy = await startFaultProxy(kms.url);
  return {
    open: (timeoutMs) =>
      openAwsDecapsulator(kms.arn, { env: { AWS_ENDPOINT_URL_KMS: proxy.url } }, timeoutMs),
    setTrouble: (trouble) => {
      proxy.trouble = trouble;
    },
    secrets: [SECRET],
    close: async () => {
      await proxy.close();
      await kms.close();
      vi.unstubAllEnvs();
    },
  };
}, ['cut', 'garbage', 'huge', 'redirect', 'silent', 'gone', 403, 404, 429, 500, 503]);

describe('openAwsDecapsulator', () => {
  beforeEach(inEnvironment);
  afterEach(() => void vi.unstubAllEnvs());
  it.each([
    ['an alias, which may be pointed at another key', `${ARN}:alias/sealed-secrets`],
    ['a bare id', '1234abcd-12ab-34cd-56ef-1234567890ab'],
    ['nothing', ''],
  ])('refuses %s', (_what, reference) => {
    expect(() => openAwsDecapsulator(reference, { env: {} })).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE' }),
    );
  });
  it('says what is wrong with a key that is disabled, missing, or of another kind', async () => {
    const kms = await startFakeKms();
    const open = (arn: string) => openAwsDecapsulator(arn, { env: { AWS_ENDPOINT_URL_KMS: kms.url } });
    const missing = await failureOf(open(`${ARN}:key/other`).publicKey());
    kms.isDisabled = true;
    const disabled = await failureOf(open(kms.arn).decapsulate(new Uint8Array(1088)));
    expect([missing.code, disabled.code]).toEqual(Array(2).fill('ERR_KEY_SERVICE_REJECTED'));
    expect(missing.message).toMatch(/it answered NotFoundException$/);
    expect(disabled).toMatchObject({ hint: 'the key is disabled: aws kms enable-key' });
    await kms.close();
  });
});
