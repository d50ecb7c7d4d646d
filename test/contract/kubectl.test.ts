import { spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { type CustomResource, createCustomResource } from './widget-crd.ts';

const isMissing = spawnSync('kubectl', ['version', '--client']).error !== undefined;
if (isMissing) console.warn('SKIPPED kubectl: it is not installed');

const contract = useCluster();
let widgets: CustomResource;

interface Outcome {
  readonly code: number | null;
  readonly text: string;
}

function kubectl(namespace: string, args: readonly string[], stdin = ''): Promise<Outcome> {
  const child = spawn('kubectl', [
    '--kubeconfig',
    contract.cluster.adminKubeconfig,
    '-n',
    namespace,
    ...args,
  ]);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

const widgetYaml = (size: number, extra = ''): string =>
  `apiVersion: ${widgets.apiVersion}\nkind: ${widgets.kind}\nmetadata:\n  name: w\nspec:\n  size: ${size}\n${extra}`;

describe.skipIf(isMissing)('kubectl', () => {
  beforeAll(async () => {
    widgets = await createCustomResource(contract.client);
  });
  afterAll(() => contract.client.delete(widgets.crdPath));

  it('creates, gets, describes and deletes a Secret', async () => {
    const { name } = await freshNamespace(contract.client);
    expect(await kubectl(name, ['create', 'secret', 'generic', 'db', '--from-literal=a=b'])).toEqual({
      code: 0,
      text: 'secret/db created\n',
    });
    expect((await kubectl(name, ['get', 'secrets'])).text).toMatch(
      /^NAME +TYPE +DATA +AGE\ndb +Opaque +1 +\d+s\n$/,
    );
    expect((await kubectl(name, ['get', 'secret', 'db', '-o', 'jsonpath={.data.a}'])).text).toBe('Yg==');
    expect((await kubectl(name, ['describe', 'secret', 'db'])).text).toContain(
      'Type:  Opaque\n\nData\n====\na:  1 bytes',
    );
    expect((await kubectl(name, ['delete', 'secret', 'db'])).text).toContain('secret "db" deleted');
    expect(await kubectl(name, ['get', 'secret', 'db'])).toEqual({
      code: 1,
      text: 'Error from server (NotFound): secrets "db" not found\n',
    });
  });

  it('applies a Secret again and again', async () => {
    const { name } = await freshNamespace(contract.client);
    const yaml = (value: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  a: ${value}\n`;
    expect((await kubectl(name, ['apply', '-f', '-'], yaml('eA=='))).text).toBe('secret/s created\n');
    expect((await kubectl(name, ['apply', '-f', '-'], yaml('eA=='))).text).toBe('secret/s unchanged\n');
    expect((await kubectl(name, ['apply', '-f', '-'], yaml('eQ=='))).text).toBe('secret/s configured\n');
  });

  it('applies a custom resource, client side and server side', async () => {
    const { name } = await freshNamespace(contract.client);
    const id = `${widgets.kind.toLowerCase()}.${widgets.group}/w`;
    expect((await kubectl(name, ['apply', '-f', '-'], widgetYaml(1))).text).toBe(`${id} created\n`);
    expect((await kubectl(name, ['apply', '-f', '-'], widgetYaml(1))).text).toBe(`${id} unchanged\n`);
    expect((await kubectl(name, ['apply', '-f', '-'], widgetYaml(2))).text).toBe(`${id} configured\n`);
    expect((await kubectl(name, ['apply', '--server-side', '-f', '-'], widgetYaml(2))).text).toBe(
      `${id} serverside-applied\n`,
    );
  });

  it('refuses a field the schema does not know', async () => {
    const { name } = await freshNamespace(contract.client);
    const { code, text } = await kubectl(name, ['apply', '-f', '-'], widgetYaml(1, '  bogus: 1\n'));
    expect(code).toBe(1);
    expect(text).toContain('unknown field "spec.bogus"');
  });

  it('patches and labels', async () => {
    const { name } = await freshNamespace(contract.client);
    await kubectl(name, ['create', 'configmap', 'c', '--from-literal=a=b']);
    expect((await kubectl(name, ['patch', 'configmap', 'c', '-p', '{"data":{"x":"y"}}'])).text).toBe(
      'configmap/c patched\n',
    );
    expect((await kubectl(name, ['label', 'configmap', 'c', 'x=y'])).text).toBe('configmap/c labeled\n');
    expect((await kubectl(name, ['get', 'configmaps', '-l', 'x=y', '-o', 'name'])).text).toBe(
      'configmap/c\n',
    );
  });

  it('waits for a condition', async () => {
    const { name } = await freshNamespace(contract.client);
    await kubectl(name, ['apply', '-f', '-'], widgetYaml(1));
    const waiting = kubectl(name, ['wait', `${widgets.plural}/w`, '--for=condition=Synced', '--timeout=10s']);
    const conditions = [{ type: 'Synced', status: 'True' }];
    await contract.client.patch(`${widgets.path(name)}/w/status`, 'merge', { status: { conditions } });
    expect((await waiting).text).toContain('condition met');
  });

  it('shows printer columns', async () => {
    const { name } = await freshNamespace(contract.client);
    await kubectl(name, ['apply', '-f', '-'], widgetYaml(7));
    expect((await kubectl(name, ['get', widgets.plural])).text).toMatch(
      /^NAME +SYNCED +SIZE +AGE\nw +7 +\d+s\n$/,
    );
  });

  it('lists api-resources', async () => {
    const { text } = await kubectl('default', ['api-resources', '--api-group', widgets.group]);
    expect(text).toContain(widgets.plural);
    expect((await kubectl('default', ['api-resources', '--api-group', 'apps'])).text).toMatch(
      /deployments +deploy +apps\/v1 +true +Deployment/,
    );
  });

  it('explains a custom resource', async () => {
    expect((await kubectl('default', ['explain', `${widgets.plural}.spec.size`])).text).toContain(
      'FIELD: size <integer>',
    );
  });

  it('asks what a service account may do', async () => {
    const { name } = await freshNamespace(contract.client);
    expect((await kubectl(name, ['auth', 'can-i', 'get', 'secrets'])).text).toBe('yes\n');
  });
});
