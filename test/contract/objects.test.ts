import { describe, expect, it } from 'vitest';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { configMap, failureOf } from './contract.ts';
import { answers } from './older-kubernetes.ts';

const contract = useCluster();

describe('create', () => {
  it('sets uid, resourceVersion and creationTimestamp', async () => {
    const { name: namespace, path } = await freshNamespace(contract.client);
    const created = await contract.client.create(`${path}/configmaps`, configMap('a', { k: 'v' }));
    expect(created).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      data: { k: 'v' },
      metadata: { name: 'a', namespace },
    });
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(created.metadata.resourceVersion).toMatch(/^\d+$/);
    expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(created.metadata.generation).toBeUndefined();
  });

  it('answers 201', async () => {
    const { path } = await freshNamespace(contract.client);
    const answer = await contract.client.request('POST', `${path}/configmaps`, { body: configMap('a') });
    expect(answer.code).toBe(201);
  });

  it('makes a name from generateName', async () => {
    const { path } = await freshNamespace(contract.client);
    const body = { metadata: { generateName: 'key-' } };
    const first = await contract.client.create(`${path}/configmaps`, body);
    const second = await contract.client.create(`${path}/configmaps`, body);
    expect(first.metadata.name).toMatch(/^key-[a-z0-9]{5}$/);
    expect(second.metadata.name).not.toBe(first.metadata.name);
    expect(first.metadata.generateName).toBe('key-');
  });

  it('refuses a name that exists', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    const answer = await contract.client.request('POST', `${path}/configmaps`, { body: configMap('a') });
    expect(failureOf(answer)).toEqual({
      httpCode: 409,
      kind: 'Status',
      status: 'Failure',
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
      details: { name: 'a', kind: 'configmaps' },
      code: 409,
    });
  });

  it('refuses a namespace that does not exist', async () => {
    const answer = await contract.client.request('POST', '/api/v1/namespaces/no-such/configmaps', {
      body: configMap('a'),
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 404,
      reason: 'NotFound',
      message: 'namespaces "no-such" not found',
      details: { name: 'no-such', kind: 'namespaces' },
    });
  });

  it('refuses a body for another namespace', async () => {
    const { path } = await freshNamespace(contract.client);
    const answer = await contract.client.request('POST', `${path}/configmaps`, {
      body: configMap('a', {}, { namespace: 'default' }),
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 400,
      reason: 'BadRequest',
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    });
  });

  it.each(['Upper', 'under_score', '-dash', 'a..b'])('refuses the name %s', async (name) => {
    const { path } = await freshNamespace(contract.client);
    const answer = await contract.client.request('POST', `${path}/configmaps`, { body: configMap(name) });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 422,
      reason: 'Invalid',
      details: { name, kind: 'ConfigMap' },
    });
    expect(answer.body['message']).toContain(
      `ConfigMap "${name}" is invalid: metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of`,
    );
  });

  it('refuses an object without a name', async () => {
    const { path } = await freshNamespace(contract.client);
    const answer = await contract.client.request('POST', `${path}/configmaps`, { body: configMap('') });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 422,
      message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    });
  });

  it('refuses an owner reference without uid', async () => {
    const { path } = await freshNamespace(contract.client);
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '' }];
    const answer = await contract.client.request('POST', `${path}/configmaps`, {
      body: configMap('a', {}, { ownerReferences }),
    });
    expect(failureOf(answer)).toMatchObject({ httpCode: 422, reason: 'Invalid' });
    expect(answer.body['message']).toContain(answers.withoutOwnerUid);
  });

  it('refuses label values with illegal characters', async () => {
    const { path } = await freshNamespace(contract.client);
    const answer = await contract.client.request('POST', `${path}/configmaps`, {
      body: configMap('a', {}, { labels: { k: 'a b' } }),
    });
    expect(answer.code).toBe(422);
    expect(answer.body['message']).toContain(
      'ConfigMap "a" is invalid: metadata.labels: Invalid value: "a b": a valid label must be',
    );
  });

  it('stores nothing on a dry run', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(`${path}/configmaps?dryRun=All`, configMap('a', { k: 'v' }));
    expect(created).toMatchObject({ data: { k: 'v' } });
    expect((await contract.client.request('GET', `${path}/configmaps/a`)).code).toBe(404);
  });
});

describe('get', () => {
  it('answers 404 with the resource and the name', async () => {
    const { path } = await freshNamespace(contract.client);
    expect(failureOf(await contract.client.request('GET', `${path}/secrets/x`))).toEqual({
      httpCode: 404,
      kind: 'Status',
      status: 'Failure',
      reason: 'NotFound',
      message: 'secrets "x" not found',
      details: { name: 'x', kind: 'secrets' },
      code: 404,
    });
  });

  it('answers metadata alone as PartialObjectMetadata', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a', { k: 'v' }));
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
    const { body } = await contract.client.request('GET', `${path}/configmaps/a`, { accept });
    expect(body).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'a' },
    });
    expect(body['data']).toBeUndefined();
  });

  it('answers an unknown resource with 404', async () => {
    const answer = await contract.client.request('GET', '/apis/no.such.group/v1/things');
    expect(answer.code).toBe(404);
  });
});

describe('update', () => {
  it('bumps the resourceVersion and keeps uid and creationTimestamp', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(`${path}/configmaps`, configMap('a', { k: 'v' }));
    const updated = await contract.client.update(`${path}/configmaps/a`, { ...created, data: { k: 'w' } });
    expect(updated).toMatchObject({ data: { k: 'w' }, metadata: { uid: created.metadata.uid } });
    expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(
      Number(created.metadata.resourceVersion),
    );
    expect(updated.metadata.creationTimestamp).toBe(created.metadata.creationTimestamp);
  });

  it('writes nothing when nothing changes', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(`${path}/configmaps`, configMap('a', { k: 'v' }));
    const updated = await contract.client.update(`${path}/configmaps/a`, created);
    expect(updated.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
  });

  it('refuses an old resourceVersion', async () => {
    const { path } = await freshNamespace(contract.client);
    const created = await contract.client.create(`${path}/configmaps`, configMap('a', { k: 'v' }));
    await contract.client.update(`${path}/configmaps/a`, { ...created, data: { k: 'w' } });
    const answer = await contract.client.request('PUT', `${path}/configmaps/a`, {
      body: { ...created, data: { k: 'x' } },
    });
    expect(failureOf(answer)).toEqual({
      httpCode: 409,
      kind: 'Status',
      status: 'Failure',
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      details: { name: 'a', kind: 'configmaps' },
      code: 409,
    });
  });

  it('takes a built-in object without resourceVersion', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a', { k: 'v' }));
    const updated = await contract.client.update(`${path}/configmaps/a`, configMap('a', { k: 'w' }));
    expect(updated['data']).toEqual({ k: 'w' });
  });

  it('refuses the uid of another object', async () => {
    const { path } = await freshNamespace(contract.client);
    const { metadata } = await contract.client.create(`${path}/configmaps`, configMap('a'));
    const uid = '00000000-0000-0000-0000-000000000000';
    const answer = await contract.client.request('PUT', `${path}/configmaps/a`, {
      body: configMap('a', {}, { uid }),
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/${metadata.namespace}/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    });
  });

  it('refuses a name other than that of the URL', async () => {
    const { path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    const answer = await contract.client.request('PUT', `${path}/configmaps/a`, { body: configMap('b') });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 400,
      reason: 'BadRequest',
      message: 'the name of the object (b) does not match the name on the URL (a)',
    });
  });

  it('answers 404 for an object that does not exist', async () => {
    const { path } = await freshNamespace(contract.client);
    const answer = await contract.client.request('PUT', `${path}/configmaps/a`, { body: configMap('a') });
    expect(failureOf(answer)).toMatchObject({ httpCode: 404, message: 'configmaps "a" not found' });
  });

  it('creates a Lease that does not exist', async () => {
    const { name: namespace } = await freshNamespace(contract.client);
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec: { holderIdentity: 'me' },
    };
    expect((await contract.client.request('PUT', `${path}/l`, { body })).code).toBe(201);
  });
});
