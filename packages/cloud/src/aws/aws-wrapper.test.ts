import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pauseMsAfter } from '../faults.ts';
import { type FakeAnswer, type JsonServer, startJsonServer } from '../testing/json-server.ts';
import { CONTEXT, failureOf } from '../testing/wrapper-contract.ts';
import { openAwsWrapper } from './aws-wrapper.ts';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:alias/sealed-secrets';
const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
const REJECTED = 'ERR_KEY_SERVICE_REJECTED';
const UNAVAILABLE = 'ERR_KEY_SERVICE_UNAVAILABLE';

/** Refusals as the API reference of KMS names them: the stand-in of the interop tests has only some. */
describe('a wrapper of AWS KMS', () => {
  let server: JsonServer;
  let answer: FakeAnswer;
  const asked: string[] = [];
  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
    server = await startJsonServer(({ headers }) => {
      asked.push(String(headers.authorization));
      return answer;
    });
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await server.close();
  });
  const failure = async () => {
    const wrapper = openAwsWrapper(ARN, { env: { AWS_ENDPOINT_URL_KMS: server.url } });
    const failed = await failureOf(wrapper.unwrap(new Uint8Array([1, 2, 3]), CONTEXT));
    await wrapper.close();
    return failed;
  };

  it.each([
    ['a missing right', 'AccessDeniedException', REJECTED, 'kms:Encrypt and kms:Decrypt'],
    ['another region or account', 'NotFoundException', REJECTED, 'in this region and account'],
    ['a disabled key', 'DisabledException', REJECTED, 'aws kms enable-key'],
    ['a key that waits for its deletion', 'KMSInvalidStateException', REJECTED, 'waits for its deletion'],
    ['another key', 'IncorrectKeyException', REJECTED, 'by another key'],
    ['a damaged data key', 'InvalidCiphertextException', REJECTED, 'damaged'],
    ['a clock that is wrong', 'InvalidSignatureException', REJECTED, 'the clock of this machine'],
    ['credentials that have expired', 'ExpiredTokenException', REJECTED, 'have expired'],
    ['throttling', 'ThrottlingException', UNAVAILABLE, undefined],
    ['a limit', 'LimitExceededException', UNAVAILABLE, undefined],
    ['an inner fault', 'KMSInternalException', UNAVAILABLE, undefined],
    ['a word that nobody knows', 'NewException', REJECTED, undefined],
  ])('reports %s', async (_what, type, code, hint) => {
    const headers = { 'retry-after': '3' };
    const fields = { __type: `com.amazonaws.kms#${type}`, message: `not to be shown ${SECRET}` };
    answer = { status: 400, headers, fields };
    const failed = await failure();
    expect(failed.code).toBe(code);
    expect(failed.message).toBe(`key service ${server.url}: it answered ${type}`);
    expect(failed.hint).toEqual(hint === undefined ? undefined : expect.stringContaining(hint));
    expect(pauseMsAfter(failed, 0)).toBe(3000);
    expect(asked.at(-1)).toContain('/eu-central-1/kms/aws4_request');
  });
  it('repeats no word that is none', async () => {
    answer = { status: 400, fields: { __type: `x\u001b[31m ${SECRET}\n` } };
    expect((await failure()).message).toBe(`key service ${server.url}: it answered 400 Bad Request`);
  });
  it('takes no answer without a data key', async () => {
    answer = { status: 200, fields: { KeyId: ARN } };
    expect(await failure()).toMatchObject({ code: UNAVAILABLE });
  });
});
