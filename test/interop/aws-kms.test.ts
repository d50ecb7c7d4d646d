import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAwsWrapper } from '../../packages/cloud/src/aws/aws-wrapper.ts';
import { startFaultProxy } from '../../packages/cloud/src/testing/fault-proxy.ts';
import { CONTEXT, describeWrapper, failureOf } from '../../packages/cloud/src/testing/wrapper-contract.ts';
import { type RunningStore, startMinistack } from '../support/stores/running.ts';

const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET };
const HOME = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/none',
  AWS_SHARED_CREDENTIALS_FILE: '/none',
};
const DATA_KEY = new Uint8Array(32).fill(7);

/** The library of AWS reads the environment of the process. */
const inEnvironment = (env: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries({ ...HOME, ...env })) vi.stubEnv(name, value);
};

/** Asks KMS as an administrator. */
async function askKms(url: string, action: string, fields: object = {}): Promise<Record<string, unknown>> {
  const scope = 'AKIA/20260101/eu-central-1/kms/aws4_request';
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${action}`,
    },
    body: JSON.stringify(fields),
  });
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${await answer.text()}`);
  return Object(await answer.json().catch(() => ({})));
}

async function newKey(url: string): Promise<string> {
  const { KeyMetadata } = await askKms(url, 'CreateKey');
  return String(Object(KeyMetadata)['Arn']);
}

describeWrapper('a key of AWS KMS', async () => {
  inEnvironment(KEYS);
  const aws = await startMinistack();
  const arn = await newKey(aws.url);
  const proxy = await startFaultProxy(aws.url);
  return {
    open: (timeoutMs) => openAwsWrapper(arn, { env: { AWS_ENDPOINT_URL_KMS: proxy.url } }, timeoutMs),
    setTrouble: (trouble) => {
      proxy.trouble = trouble;
    },
    secrets: [SECRET],
    isTamperEvident: false, // ministack only masks the data key; KMS authenticates it
    close: async () => {
      await proxy.close();
      await aws.stop();
      vi.unstubAllEnvs();
    },
  };
}, ['cut', 'garbage', 'huge', 'redirect', 'silent', 'gone', 403, 404, 429, 500, 503]);

describe('a wrapper of AWS KMS', () => {
  let aws: RunningStore;
  let arn: string;
  let directory: string;
  beforeAll(async () => {
    aws = await startMinistack();
    directory = await mkdtemp(join(tmpdir(), 'fuin-aws-'));
  });
  beforeEach(async () => {
    arn = await newKey(aws.url);
  });
  afterEach(() => void vi.unstubAllEnvs());
  afterAll(async () => {
    await aws?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const open = (key = arn) => openAwsWrapper(key, { env: { AWS_ENDPOINT_URL_KMS: aws.url } });
  const works = async () => {
    const wrapper = open();
    expect(await wrapper.unwrap(await wrapper.wrap(DATA_KEY, CONTEXT), CONTEXT)).toEqual(DATA_KEY);
    await wrapper.close();
  };

  it('takes the role of a service account (IRSA)', async () => {
    const file = join(directory, 'token');
    await writeFile(file, 'e30.e30.c2ln');
    const role = 'arn:aws:iam::000000000000:role/sealed-secrets';
    const sts = { AWS_ENDPOINT_URL_STS: aws.url, AWS_REGION: 'eu-central-1' };
    inEnvironment({ AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role, ...sts });
    await works();
  });
  it('takes what the agent of EKS Pod Identity gives', async () => {
    const file = join(directory, 'pod-token');
    await writeFile(file, 'pod-token');
    const asked: (string | undefined)[] = [];
    const agent = createServer((request, response) => {
      asked.push(request.headers.authorization);
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      response.end(JSON.stringify({ AccessKeyId: 'ASIA', SecretAccessKey: SECRET, Token: 't', Expiration }));
    });
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
    const { port } = agent.address() as AddressInfo;
    inEnvironment({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    });
    await works();
    expect(asked).toEqual(['pod-token']);
    agent.close();
  });
  it('says that there are no credentials', async () => {
    inEnvironment({});
    const failure = await failureOf(open().wrap(DATA_KEY, CONTEXT));
    expect(failure.code).toBe('ERR_KEY_SERVICE_REJECTED');
    expect(failure.message).toMatch(/\(credentials\): there are none: CredentialsProviderError$/);
  });
  it('says what is wrong with a key that is disabled, waits for its deletion or is not there', async () => {
    inEnvironment(KEYS);
    const wrapper = open();
    const wrapped = await wrapper.wrap(DATA_KEY, CONTEXT);
    await askKms(aws.url, 'DisableKey', { KeyId: arn });
    expect((await failureOf(wrapper.unwrap(wrapped, CONTEXT))).message).toMatch(
      /it answered DisabledException$/,
    );
    await askKms(aws.url, 'EnableKey', { KeyId: arn });
    expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(DATA_KEY);
    await askKms(aws.url, 'ScheduleKeyDeletion', { KeyId: arn, PendingWindowInDays: 7 });
    expect((await failureOf(wrapper.unwrap(wrapped, CONTEXT))).code).toBe('ERR_KEY_SERVICE_REJECTED');
    const other = open(arn.replace(/[0-9a-f]{4}$/, '0000'));
    expect((await failureOf(other.wrap(DATA_KEY, CONTEXT))).message).toMatch(
      /it answered NotFoundException$/,
    );
    await Promise.all([wrapper.close(), other.close()]);
  });
  it.each(['', 'alias/a', 'arn:aws:kms:eu-central-1:1:key/a', 'arn:aws:s3:eu-central-1:111122223333:key/a'])(
    'is not named %j',
    (name) => {
      expect(() => open(name)).toThrow('aws-kms: needs the ARN of a key or an alias');
    },
  );
});
