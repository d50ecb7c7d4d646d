import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imported, refused } from '../../../testing/imported.ts';
import { startStore, type TestStore } from '../../../testing/servers/store-server.ts';

let aws: TestStore;
beforeAll(async () => {
  aws = await startStore();
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.seen.length = 0;
  aws.answer = () => ({ Name: 'shop/db', SecretString: '{"user":"ann","port":1.0}' });
});

const env = (more: Record<string, string> = {}) => ({
  AWS_ENDPOINT_URL: aws.url,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIA1',
  AWS_SECRET_ACCESS_KEY: 'hunter2',
  ...more,
});
const bodies = () => aws.seen.map(({ body }) => JSON.parse(body) as unknown);
const refusal = (type: string) => () => ({ status: 400, body: { __type: type, message: 'hunter2' } });

describe('kubeseal import aws-sm:', () => {
  it('asks for the current version with a signature, and makes items of a JSON object', async () => {
    const { items, stderr } = await imported(['aws-sm:shop/db', 'shop/db'], {
      env: env({ AWS_SESSION_TOKEN: 'session' }),
    });
    expect(items).toEqual({ user: 'ann', port: '1.0' });
    expect(stderr).toContain('note: read shop/db of AWS Secrets Manager in eu-central-1\n');
    expect(bodies()).toEqual([{ SecretId: 'shop/db' }]);
    expect(aws.seen[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIA1\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request, /,
      ),
      'x-amz-target': 'secretsmanager.GetSecretValue',
      'x-amz-security-token': 'session',
    });
    expect(JSON.stringify(aws.seen)).not.toContain('hunter2');
  });
  it('makes one item of a text, of bytes, and of JSON where that is asked for', async () => {
    aws.answer = () => ({ Name: 'shop/db-password', SecretString: 's3cret' });
    expect((await imported(['aws-sm:shop/db-password', 'shop/db'], { env: env() })).items).toEqual({
      'db-password': 's3cret',
    });
    aws.answer = () => ({ Name: 'shop/bin', SecretBinary: 'AP8=' });
    expect((await imported(['aws-sm:shop/bin', 'shop/db'], { env: env() })).items).toEqual({ bin: '\0\xff' });
    aws.answer = () => ({ Name: 'account', SecretString: '{"a":1}' });
    expect(
      (await imported(['aws-sm:account', 'shop/db', '--split-json=never'], { env: env() })).items,
    ).toEqual({ account: '{"a":1}' });
  });
  it('asks for a version by its id or its stage, in the region of an ARN', async () => {
    const id = '6960dd45-218c-4745-acf1-9d4a7b9a5c11';
    for (const name of [
      `db?version=${id}`,
      'db?version=AWSPREVIOUS',
      'arn:aws:secretsmanager:us-east-1:1:secret:db-AbCdEf',
    ])
      await imported([`aws-sm:${name}`, 'shop/db'], { env: env() });
    expect(bodies()).toEqual([
      { SecretId: 'db', VersionId: id },
      { SecretId: 'db', VersionStage: 'AWSPREVIOUS' },
      { SecretId: 'arn:aws:secretsmanager:us-east-1:1:secret:db-AbCdEf' },
    ]);
    expect(aws.seen[2]?.headers['authorization']).toContain('/us-east-1/secretsmanager/');
  });
  it.each([
    ['AccessDeniedException', 'AWS answered AccessDeniedException'],
    ['com.amazonaws#ResourceNotFoundException', 'AWS answered ResourceNotFoundException'],
    ['<\u001b[31m>', 'AWS answered status 400'],
  ])('names the refusal %s, and quotes nothing else', async (type, words) => {
    aws.answer = refusal(type);
    const { code, error, hints } = await refused(['aws-sm:db', 'shop/db'], { env: env() });
    expect({ code, error }).toEqual({
      code: 1,
      error: `cannot read db of AWS Secrets Manager in eu-central-1: ${words}`,
    });
    expect(hints).not.toContain('hunter2');
  });
});

describe('kubeseal import aws-ssm:', () => {
  it('decrypts one parameter', async () => {
    aws.answer = () => ({ Parameter: { Name: '/shop/db/password', Value: 's3cret' } });
    expect((await imported(['aws-ssm:/shop/db/password', 'shop/db'], { env: env() })).items).toEqual({
      password: 's3cret',
    });
    expect((await imported(['aws-ssm:/shop/db/password:3', 'shop/db'], { env: env() })).items).toEqual({
      password: 's3cret',
    });
    expect(bodies()).toEqual([
      { Name: '/shop/db/password', WithDecryption: true },
      { Name: '/shop/db/password:3', WithDecryption: true },
    ]);
    expect(aws.seen[0]?.headers['x-amz-target']).toBe('AmazonSSM.GetParameter');
  });
  it('reads all parameters of a path, page by page', async () => {
    aws.answer = ({ body }) =>
      body.includes('NextToken')
        ? { Parameters: [{ Name: '/shop/db/b', Value: '2' }] }
        : { Parameters: [{ Name: '/shop/db/a', Value: '1' }], NextToken: 'next' };
    expect((await imported(['aws-ssm:/shop/db/', 'shop/db'], { env: env() })).items).toEqual({
      a: '1',
      b: '2',
    });
    expect(bodies()[1]).toEqual({ Path: '/shop/db', WithDecryption: true, NextToken: 'next' });
  });
  it('gives up on pages that never end', async () => {
    aws.answer = () => ({ Parameters: [], NextToken: 'again' });
    expect((await refused(['aws-ssm:/shop/', 'shop/db'], { env: env() })).error).toBe(
      '/shop/ of AWS Systems Manager in eu-central-1 never ends',
    );
    expect(aws.seen.length).toBeLessThanOrEqual(1000);
  });
});

describe('the credentials for AWS', () => {
  const credentials =
    '[default]\naws_access_key_id = AKIAD\naws_secret_access_key = d\n[work]\naws_access_key_id=AKIAW\naws_secret_access_key=w\n';
  const config =
    '[default]\nregion = eu-west-1\n[profile work]\nregion = us-west-2\n[profile role]\nrole_arn = arn:aws:iam::1:role/r\naws_access_key_id = AKIAS\naws_secret_access_key = s\nregion = us-east-1\n';
  const files = { 'home/.aws/credentials': credentials, 'home/.aws/config': config };
  const used = () =>
    /Credential=(\w+)\/\d+\/([\w-]+)\//.exec(String(aws.seen.at(-1)?.headers['authorization']))?.slice(1);
  const run = (more: Record<string, string>, programs?: Record<string, string>) =>
    imported(['aws-sm:db', 'shop/db'], {
      env: { AWS_ENDPOINT_URL: aws.url, ...more },
      files,
      ...(programs ? { programs } : {}),
    });

  it('are those of the environment, else of the profile', async () => {
    await run({});
    expect(used()).toEqual(['AKIAD', 'eu-west-1']);
    await run({ AWS_PROFILE: 'work' });
    expect(used()).toEqual(['AKIAW', 'us-west-2']);
    await run({ AWS_ACCESS_KEY_ID: 'AKIAE', AWS_SECRET_ACCESS_KEY: 'e' });
    expect(used()).toEqual(['AKIAE', 'eu-west-1']);
    await run({ AWS_PROFILE: 'work', AWS_ACCESS_KEY_ID: 'AKIAE', AWS_SECRET_ACCESS_KEY: 'e' });
    expect(used()).toEqual(['AKIAE', 'us-west-2']);
  });
  it('come from the program aws for every other way of logging in', async () => {
    const programs = {
      aws: `[ "$*" = "configure export-credentials --format process" ] && echo '{"Version":1,"AccessKeyId":"AKIAP","SecretAccessKey":"p","SessionToken":"t"}'`,
    };
    await run({ AWS_PROFILE: 'sso', AWS_REGION: 'eu-north-1' }, programs);
    expect(used()).toEqual(['AKIAP', 'eu-north-1']);
    await run({ AWS_PROFILE: 'role' }, programs);
    expect(used()).toEqual(['AKIAP', 'us-east-1']);
  });
  it.each([
    [{ AWS_REGION: 'evil.example/' }, {}, 'the region of AWS is missing'],
    [
      { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: 'http://aws.example' },
      {},
      'AWS_ENDPOINT_URL is plain http, which shows tokens and values to the network',
    ],
    [{ AWS_REGION: 'eu-central-1', PATH: '/nowhere' }, {}, 'aws is not installed'],
    [{ AWS_REGION: 'eu-central-1' }, { aws: 'echo hunter2 >&2; exit 3' }, 'aws failed with exit code 3'],
    [{ AWS_REGION: 'eu-central-1' }, { aws: 'echo {}' }, 'there are no credentials for AWS'],
  ])('are missed with a clear line for %j and %j', async (variables, programs, error) => {
    const result = await refused(['aws-sm:db', 'shop/db'], {
      env: { AWS_ENDPOINT_URL: aws.url, ...variables },
      programs,
    });
    expect(result).toMatchObject({ code: 1, error });
    expect(result.hints).not.toContain('hunter2');
  });
});
