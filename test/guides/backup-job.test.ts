import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import { applyObject } from '../support/api/apply.ts';
import type { ApiObject, TestCluster } from '../support/api/types.ts';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { eventually } from '../support/time/eventually.ts';
import { runTool } from '../support/tools/run-tool.ts';
import { ROOT, readObjects } from './guide-world.ts';

const KUBESEAL = join(ROOT, 'packages/kubeseal-cli/bin/kubeseal.ts');
const ACCOUNT = { namespace: 'kube-system', name: 'sealed-secrets-backup' };
const SECRETS = '/api/v1/namespaces/kube-system/secrets';
const MARK = 'sealedsecrets.bitnami.com/last-backup';
let cluster: TestCluster;
let admin: ApiClient;
let account: ApiClient;
let kubeconfig: string;
let directory: string;
let objects: ApiObject[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-backup-'));
  cluster = await startOwnKubeApiserver();
  admin = await apiClient(cluster.adminKubeconfig);
  await storeKey(admin, 'kube-system', { key: await testKey('a', 1), name: 'key-a' });
  objects = [
    ...(await readObjects('examples/backup/backup.yaml')),
    ...(await readObjects('examples/backup/policy.yaml')),
  ];
  for (const object of objects) await applyObject(admin, object);
  kubeconfig = await cluster.kubeconfigFor(ACCOUNT);
  account = await apiClient(kubeconfig);
});
afterAll(async () => {
  account?.close();
  admin?.close();
  await cluster?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** What a change of the key Secret by the account is answered with. */
async function attempt(patch: object): Promise<string> {
  return account.patch(`${SECRETS}/key-a`, 'merge', patch).then(
    () => 'done',
    (error: unknown) => String(error),
  );
}

/** Whether the account may do something, by the API server itself, as kubectl auth can-i asks it. */
async function may(verb: string, resource: string, namespace: string): Promise<boolean> {
  const [name, group = ''] = resource.split('.');
  const { status } = await admin.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      user: `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`,
      resourceAttributes: { verb, resource: name, group, namespace },
    },
  });
  return (status as { readonly allowed: boolean }).allowed;
}

describe('examples/backup', () => {
  it('is accepted by the API server, and its Pod keeps to the standard restricted', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'strict' } };
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await applyObject(admin, { ...namespace, metadata: { ...namespace.metadata, labels } });
    const { spec } = podTemplate();
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'try', namespace: 'strict' }, spec };
    const answer = await admin.request('POST', '/api/v1/namespaces/strict/pods?dryRun=All', { body: pod });
    expect({ code: answer.code, text: answer.text }).toEqual({ code: 201, text: expect.any(String) });
  });
  it('may list and patch Secrets of one namespace, and nothing else', async () => {
    const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
    const allowed = async (resource: string, namespace: string) => {
      const answers = await Promise.all(verbs.map((verb) => may(verb, resource, namespace)));
      return verbs.filter((_, at) => answers[at]);
    };
    expect(await allowed('secrets', 'kube-system')).toEqual(['list', 'patch']);
    for (const namespace of ['default', '']) expect(await allowed('secrets', namespace)).toEqual([]);
    for (const other of [
      'configmaps',
      'pods',
      'sealedsecrets.bitnami.com',
      'roles.rbac.authorization.k8s.io',
    ])
      expect(await allowed(other, 'kube-system')).toEqual([]);
  });
  it('may change nothing of a key but the time of its backup', async () => {
    const other = await testKey('b', 1);
    const refusal = (text: string) => expect.stringContaining(text);
    // the policy counts from some moment on; until then each attempt changes the label, to another value
    let attempts = 0;
    await eventually('the policy', async () => {
      attempts += 1;
      const answer = await attempt({ metadata: { labels: { x: `y${attempts}` } } });
      return answer.includes('may change no label') ? true : undefined;
    });
    expect(await attempt({ data: other.secret.data })).toEqual(refusal('may change no key'));
    const label = { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'retired' };
    expect(await attempt({ metadata: { labels: label } })).toEqual(refusal('may change no label'));
    const ask = { 'sealedsecrets.bitnami.com/replace-key': 'now' };
    expect(await attempt({ metadata: { annotations: ask } })).toEqual(refusal('may only note its time'));
    expect(await attempt({ metadata: { finalizers: ['a.example/b'] } })).toEqual(
      refusal('may change no owner'),
    );
    expect(await attempt({ immutable: true })).toEqual(refusal('may change no owner'));
    expect(await attempt({ metadata: { annotations: { [MARK]: '2026-01-01T00:00:00Z' } } })).toBe('done');
  });
  it('makes a backup with these rights, notes its time, and the administrator is not hindered', async () => {
    await admin.patch(`${SECRETS}/key-a`, 'merge', { metadata: { annotations: { [MARK]: null, own: 'x' } } });
    const [container] = podTemplate().spec.containers;
    const { data } = objectOf('ConfigMap') as { readonly data?: Readonly<Record<string, string>> };
    await writeFile(join(directory, 'recipients.txt'), data?.['recipients.txt'] ?? '');
    const [, ...command] = container?.command ?? [];
    const args = (container?.args ?? []).map((arg) =>
      arg.replace('/recipients/', `${directory}/`).replace('/backup/$(POD_NAME)', `${directory}/pod-1`),
    );
    const words = [process.execPath, KUBESEAL, ...command, ...args, '--kubeconfig', kubeconfig];
    const { code, stderr } = await runTool(words, { env: { PATH: process.env['PATH'] }, cwd: directory });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('warning:') });
    expect(await readdir(directory)).toContain('pod-1.age');
    expect(await readFile(join(directory, 'pod-1.age'), 'utf8')).toMatch(/^-----BEGIN AGE/);
    const { annotations } = (await admin.get(`${SECRETS}/key-a`)).metadata;
    expect(annotations).toEqual({ own: 'x', [MARK]: expect.stringMatching(/^2\d{3}-.*Z$/) });
  });
});

function objectOf(kind: string): ApiObject {
  const object = objects.find((each) => each.kind === kind);
  if (!object) throw new Error(`there is no ${kind}`);
  return object;
}

function podTemplate(): PodTemplate {
  return (objectOf('CronJob')['spec'] as CronJobSpec).jobTemplate.spec.template;
}

interface CronJobSpec {
  readonly jobTemplate: { readonly spec: { readonly template: PodTemplate } };
}
interface PodTemplate {
  readonly spec: {
    readonly containers: readonly { readonly command: readonly string[]; readonly args: readonly string[] }[];
  };
}
