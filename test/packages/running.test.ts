import { existsSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PUBLISHED } from '../../scripts/release/npm-packages.ts';
import { apiClient } from '../support/api/api-client.ts';
import { applyFiles, applyObject } from '../support/api/apply.ts';
import type { ApiObject } from '../support/api/types.ts';
import { startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { startController } from '../support/processes/controller-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { OLDEST_NODE, oldestNode } from '../support/tools/oldest-node.ts';
import { blocksOf, installPackages, type Project } from './project.ts';

const ROOT = join(import.meta.dirname, '../..');
const NODES = { oldest: oldestNode, newest: process.execPath } as const;
const CONTROLLER = { namespace: 'kube-system', name: 'sealed-secrets-controller' };

/** What the examples print, by package. */
const PRINTED: Readonly<Record<(typeof PUBLISHED)[number], RegExp>> = {
  'crypto-core': /"kind": "SealedSecret"[\s\S]*\nhunter2\n$/,
  'go-template': /user: "fern"/,
  'kubeseal-cli': /^0 ---\n[\s\S]*kind: SealedSecret/,
  controller: /^controller version: .*\n0\n$/,
};

let project: Project;
beforeAll(async () => {
  project = await installPackages();
  const vectors = join(ROOT, 'test/vectors/kubeseal');
  await copyFile(join(vectors, 'a.crt'), join(project.directory, 'cert.pem'));
  await copyFile(join(vectors, 'a.pkcs1.key'), join(project.directory, 'key.pem'));
});
afterAll(() => project?.remove());

describe.each(Object.keys(NODES) as (keyof typeof NODES)[])('on the %s Node that is supported', (age) => {
  const node = NODES[age];
  it('runs that Node', async () => {
    expect(existsSync(node)).toBe(true);
    const version = await project.shell('node --version', node);
    expect(version).toBe(age === 'oldest' ? `v${OLDEST_NODE}\n` : `${process.version}\n`);
  });

  it.each(PUBLISHED)('the example in the manual of %s works', async (name) => {
    const [example = ''] = await blocksOf(name, 'js');
    await writeFile(join(project.directory, `${name}.js`), example);
    expect(await project.shell(`node ${name}.js`, node)).toMatch(PRINTED[name]);
  });

  it.each([
    ['kubeseal-cli', /^kubeseal version: \d.*\nAg[\w+/]{300,}=*/],
    ['controller', /^controller version: \d.*\nUsage of sealed-secrets-controller/],
  ] as const)('the command lines in the manual of %s work', async (name, printed) => {
    const script =
      (await blocksOf(name, 'sh')).find((block) => block.includes(`npm install @fuin/${name}`)) ?? '';
    expect(await project.shell(script.replace(/^npm install .*$/m, ''), node)).toMatch(printed);
  });

  it('an installed kubeseal finds the template engine beside itself', async () => {
    const secret = '{"metadata": {"name": "db", "namespace": "shop"}, "data": {"user": "ZmVybg=="}}';
    const sealed = JSON.parse(await project.shell(`npx kubeseal --cert cert.pem <<< '${secret}'`, node));
    sealed.spec.template.data = { greeting: 'hello {{ .user | upper }}' };
    await writeFile(join(project.directory, 'templated.json'), JSON.stringify(sealed));
    const opened = await project.shell(
      'npx kubeseal --recovery-unseal --recovery-private-key key.pem < templated.json',
      node,
    );
    expect(atob(JSON.parse(opened).data.greeting)).toBe('hello FERN');
  });

  it('an installed kubeseal seals for an installed controller, which opens and renders', async () => {
    await using stack = new AsyncDisposableStack();
    const cluster = await startEmbeddedCluster();
    stack.defer(() => cluster.stop());
    const client = await apiClient(cluster.adminKubeconfig);
    stack.defer(() => client.close());
    await applyFiles(client, join(ROOT, 'deploy/crd.yaml'));
    const program = join(
      project.directory,
      'node_modules/@fuin/controller/dist/sealed-secrets-controller.js',
    );
    const controller = await startController({ cluster, namespace: CONTROLLER.namespace, program, node });
    stack.defer(async () => void (await controller.stop()));
    await cluster.exposeService({ ...CONTROLLER, port: Number(new URL(controller.url).port) });
    const secret = '{"metadata": {"name": "db", "namespace": "shop"}, "data": {"user": "ZmVybg=="}}';
    const kubeseal = `npx kubeseal --kubeconfig '${cluster.adminKubeconfig}'`;
    const sealed = JSON.parse(await project.shell(`${kubeseal} <<< '${secret}'`, node));
    sealed.spec.template.data = { greeting: 'hello {{ .user | upper }}' };
    await applyObject(client, sealed);
    const path = '/api/v1/namespaces/shop/secrets/db';
    const { data } = await eventually('the Secret', async () => {
      const { code, body } = await client.request('GET', path);
      return code === 200 ? (body as ApiObject & { data: Record<string, string> }) : undefined;
    });
    expect([data['user'], atob(data['greeting'] ?? '')]).toEqual(['ZmVybg==', 'hello FERN']);
  });
});
