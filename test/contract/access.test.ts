import { beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import { freshNamespace, uniqueName, useCluster } from '../support/cluster/use-cluster.ts';
import { configMap, failureOf, secret } from './contract.ts';
import { answers } from './older-kubernetes.ts';

const contract = useCluster();
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
let path = '';
let namespace = '';
let bob: ApiClient;
let user = '';

beforeAll(async () => {
  ({ path, name: namespace } = await freshNamespace(contract.client));
  bob = await apiClient(await contract.cluster.kubeconfigFor({ namespace, name: 'bob' }));
  user = `system:serviceaccount:${namespace}:bob`;
});

/** Grants rules to the service account in its namespace; the real server needs a moment to see them. */
async function grant(rules: Record<string, string[]>[], name = uniqueName('grant')): Promise<void> {
  const base = `${RBAC}/namespaces/${namespace}`;
  const metadata = { name };
  await contract.client.create(`${base}/roles`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules,
  });
  await contract.client.create(`${base}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name: 'bob', namespace }],
  });
}

const codeOf = async (method: string, url: string, body?: unknown): Promise<number> =>
  (await bob.request(method, url, body === undefined ? {} : { body })).code;

describe('a service account without rights', () => {
  it.each<[string, string, () => string, () => string]>([
    [
      'get',
      'GET',
      () => `${path}/secrets/x`,
      () =>
        `secrets "x" is forbidden: User "${user}" cannot get resource "secrets" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'list',
      'GET',
      () => `${path}/secrets`,
      () =>
        `secrets is forbidden: User "${user}" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'list across namespaces',
      'GET',
      () => '/api/v1/secrets',
      () =>
        `secrets is forbidden: User "${user}" cannot list resource "secrets" in API group "" at the cluster scope`,
    ],
    [
      'watch',
      'GET',
      () => `${path}/secrets?watch=true`,
      () =>
        `secrets is forbidden: User "${user}" cannot watch resource "secrets" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'watch by name',
      'GET',
      () => `${path}/secrets?watch=true&fieldSelector=metadata.name%3Dx`,
      () =>
        `secrets "x" is forbidden: User "${user}" cannot watch resource "secrets" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'delete a collection',
      'DELETE',
      () => `${path}/secrets`,
      () =>
        `secrets is forbidden: User "${user}" cannot deletecollection resource "secrets" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'use the service proxy',
      'GET',
      () => `${path}/services/http:x:/proxy/v1/cert.pem`,
      () =>
        `services "http:x:" is forbidden: User "${user}" cannot get resource "services/proxy" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'read its namespace',
      'GET',
      () => `/api/v1/namespaces/${namespace}`,
      () =>
        `namespaces "${namespace}" is forbidden: User "${user}" cannot get resource "namespaces" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'read leases',
      'GET',
      () => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/l`,
      () =>
        `leases.coordination.k8s.io "l" is forbidden: User "${user}" cannot get resource "leases" in API group "coordination.k8s.io" in the namespace "${namespace}"`,
    ],
    ['read metrics', 'GET', () => '/metrics', () => `forbidden: User "${user}" cannot get path "/metrics"`],
  ])('cannot %s', async (_what, method, url, message) => {
    const answer = await bob.request(method, url());
    expect(failureOf(answer)).toMatchObject({
      httpCode: 403,
      status: 'Failure',
      reason: 'Forbidden',
      message: message(),
      code: 403,
    });
  });

  it('may use discovery', async () => {
    expect(await codeOf('GET', '/api')).toBe(200);
    expect(await codeOf('GET', '/apis')).toBe(200);
    expect(await codeOf('GET', '/version')).toBe(200);
  });

  it('may ask what it may do', async () => {
    const spec = { resourceAttributes: { verb: 'get', resource: 'secrets', namespace } };
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
    const answer = await bob.create('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body);
    expect(answer['status']).toMatchObject({ allowed: false });
  });
});

describe('a Role', () => {
  it('allows its verbs on its resources and no others', async () => {
    await grant([{ apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'get'] }]);
    await expect.poll(() => codeOf('GET', `${path}/configmaps/none`)).toBe(404);
    expect(await codeOf('POST', `${path}/configmaps`, configMap('made'))).toBe(201);
    expect(await codeOf('GET', `${path}/configmaps`)).toBe(403);
    expect(await codeOf('DELETE', `${path}/configmaps/made`)).toBe(403);
    expect(await codeOf('GET', '/api/v1/namespaces/default/configmaps/none')).toBe(403);
  });

  it('is limited to resourceNames', async () => {
    await grant([
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'], verbs: ['get', 'update', 'watch'] },
    ]);
    await expect.poll(() => codeOf('GET', `${path}/secrets/mine`)).toBe(404);
    expect(await codeOf('GET', `${path}/secrets/other`)).toBe(403);
    expect(await codeOf('POST', `${path}/secrets`, secret('mine'))).toBe(403);
    const watch = await bob.watch(`${path}/secrets?fieldSelector=metadata.name%3Dmine`);
    watch.close();
  });

  it('grants subresources only by name', async () => {
    await grant([
      {
        apiGroups: [''],
        resources: ['services/proxy'],
        resourceNames: ['http:svc:', 'svc'],
        verbs: ['get', 'create'],
      },
    ]);
    const { code } = answers.withoutEndpoints('svc');
    await expect.poll(() => codeOf('GET', `${path}/services/http:svc:/proxy/x`)).toBe(code);
    expect(await codeOf('POST', `${path}/services/svc/proxy/x`, {})).toBe(code);
    expect(await codeOf('GET', `${path}/services/http:svc:http/proxy/x`)).toBe(403);
    expect(await codeOf('GET', `${path}/services/svc`)).toBe(403);
    expect(await codeOf('DELETE', `${path}/services/svc/proxy/x`)).toBe(403);
  });

  it('counts no more once its binding is gone', async () => {
    const name = uniqueName('grant');
    await grant([{ apiGroups: [''], resources: ['endpoints'], verbs: ['list'] }], name);
    await expect.poll(() => codeOf('GET', `${path}/endpoints`)).toBe(200);
    await contract.client.delete(`${RBAC}/namespaces/${namespace}/rolebindings/${name}`);
    await expect.poll(() => codeOf('GET', `${path}/endpoints`)).toBe(403);
  });
});

describe('authentication', () => {
  it('refuses a token it does not know', async () => {
    const answer = await contract.client.request('GET', `${path}/secrets`, {
      headers: { Authorization: 'Bearer nope' },
    });
    expect(failureOf(answer)).toEqual({
      httpCode: 401,
      kind: 'Status',
      status: 'Failure',
      reason: 'Unauthorized',
      message: 'Unauthorized',
      details: undefined,
      code: 401,
    });
  });

  it('takes a request without token as anonymous', async () => {
    const answer = await contract.client.request('GET', `${path}/secrets`, {
      headers: { Authorization: '' },
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 403,
      message: `secrets is forbidden: User "system:anonymous" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
    });
    expect((await contract.client.request('GET', '/healthz', { headers: { Authorization: '' } })).text).toBe(
      'ok',
    );
  });

  it('issues tokens for service accounts', async () => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    };
    const { status } = await contract.client.create(`${path}/serviceaccounts/bob/token`, body);
    const { token } = status as { token: string };
    const answer = await contract.client.request('GET', `${path}/pods`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(answer.body['message']).toContain(`User "${user}" cannot list resource "pods"`);
  });
});
