import { describe, expect, it } from 'vitest';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { base64, failureOf, secret } from './contract.ts';
import { answers } from './older-kubernetes.ts';

const contract = useCluster();

async function refusal(body: unknown): Promise<Record<string, unknown>> {
  const { path } = await freshNamespace(contract.client);
  return failureOf(await contract.client.request('POST', `${path}/secrets`, { body }));
}

describe('Secret', () => {
  it('has the type Opaque unless it names another', async () => {
    const { path } = await freshNamespace(contract.client);
    expect(await contract.client.create(`${path}/secrets`, secret('s'))).toMatchObject({ type: 'Opaque' });
  });

  it('merges stringData into data and does not keep it', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(
      `${path}/secrets`,
      secret('s', { a: 'x', b: 'ü' }, { data: { a: base64('old'), c: base64('z') } }),
    );
    expect(created['data']).toEqual({ a: base64('x'), b: base64('ü'), c: base64('z') });
    expect(created['stringData']).toBeUndefined();
  });

  it('keeps an empty value', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(`${path}/secrets`, secret('s', {}, { data: { a: '' } }));
    expect(created['data']).toEqual({ a: '' });
  });

  it('refuses what is not base64', async () => {
    expect(await refusal(secret('s', {}, { data: { a: 'a*b=' } }))).toMatchObject({
      httpCode: 400,
      reason: 'BadRequest',
      message: 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 1',
    });
  });

  it('refuses missing base64 padding', async () => {
    expect(await refusal(secret('s', {}, { data: { a: 'YWJj', b: 'YQ' } }))).toMatchObject({
      httpCode: 400,
      message: 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
    });
  });

  it('refuses a number as value', async () => {
    const { httpCode, message } = await refusal(secret('s', {}, { data: { a: 1 } }));
    expect(httpCode).toBe(400);
    expect(message).toContain(
      'Secret in version "v1" cannot be handled as a Secret: json: cannot unmarshal number into Go struct field Secret.data of type',
    );
  });

  it.each(['a b', 'ä', 'a/b', '..', '..x'])('refuses the data key %j', async (key) => {
    const { httpCode, message } = await refusal(secret('s', { [key]: 'x' }));
    expect(httpCode).toBe(422);
    expect(message).toContain(`Secret "s" is invalid: data[${key}]: Invalid value: "${key}"`);
  });

  it('names what a data key may look like', async () => {
    expect(await refusal(secret('s', { 'a b': 'x' }))).toMatchObject({
      message: `Secret "s" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
    });
  });

  it('refuses a TLS Secret without its two keys', async () => {
    const { httpCode, message } = await refusal(secret('s', {}, { type: 'kubernetes.io/tls' }));
    expect(httpCode).toBe(422);
    expect(message).toBe(
      'Secret "s" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]',
    );
  });

  it('refuses a docker configuration that is not JSON', async () => {
    const { httpCode, message } = await refusal(
      secret('s', { '.dockerconfigjson': '{' }, { type: 'kubernetes.io/dockerconfigjson' }),
    );
    expect(httpCode).toBe(422);
    expect(message).toContain('data[.dockerconfigjson]: Invalid value: "<secret contents redacted>"');
  });

  it('refuses more than 1 MiB', async () => {
    const { httpCode, message } = await refusal(secret('s', { a: 'x'.repeat(1_048_577) }));
    expect(httpCode).toBe(422);
    expect(message).toContain(`Secret "s" is invalid: data: Too long: ${answers.tooLong}`);
  });

  it('never changes its type', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(
      `${path}/secrets`,
      secret('s', {}, { type: 'example.com/x' }),
    );
    const answer = await contract.client.request('PUT', `${path}/secrets/s`, {
      body: { ...created, type: 'Opaque' },
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 422,
      message: 'Secret "s" is invalid: type: Invalid value: "Opaque": field is immutable',
      details: {
        name: 's',
        kind: 'Secret',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: "Opaque": field is immutable',
            field: 'type',
          },
        ],
      },
    });
  });

  it('is fixed once immutable', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(
      `${path}/secrets`,
      secret('s', { a: 'x' }, { immutable: true }),
    );
    const answer = await contract.client.request('PUT', `${path}/secrets/s`, {
      body: { ...created, data: { a: base64('y') } },
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 422,
      reason: 'Invalid',
      message: 'Secret "s" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    });
    const unlock = await contract.client.request('PUT', `${path}/secrets/s`, {
      body: { ...created, immutable: false },
    });
    expect(failureOf(unlock)).toMatchObject({
      httpCode: 422,
      message: 'Secret "s" is invalid: immutable: Forbidden: field is immutable when `immutable` is set',
    });
  });

  it('takes metadata changes while immutable', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/secrets`, secret('s', { a: 'x' }, { immutable: true }));
    const patched = await contract.client.patch(`${path}/secrets/s`, 'merge', {
      metadata: { labels: { a: 'b' } },
    });
    expect(patched.metadata.labels).toEqual({ a: 'b' });
  });

  it('is selected by type', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/secrets`, secret('a', {}, { type: 'example.com/x' }));
    await contract.client.create(`${path}/secrets`, secret('b'));
    const { items } = await contract.client.list(`${path}/secrets?fieldSelector=type%3Dexample.com/x`);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a']);
  });
});
