import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { applyFiles, collectionPath, untilServed } from '../support/api/apply.ts';
import type { ApiObject } from '../support/api/types.ts';
import { sealTexts } from '../support/cluster/sealing.ts';
import { eventually } from '../support/time/eventually.ts';
import { sourceFile } from '../support/tools/guide-tools.ts';
import { readVector } from '../vectors/read.ts';
import { ROOT, readObjects, useGuideWorld } from './guide-world.ts';
import { judge } from './judges.ts';

const holder = useGuideWorld();
const MANIFESTS = [
  ['argo-cd', 'controller.yaml'],
  ['argo-cd', 'shop.yaml'],
  ['flux', 'controller.yaml'],
  ['flux', 'shop.yaml'],
] as const;
const DEFINITIONS = {
  '/apis/argoproj.io/v1alpha1/applications': sourceFile('argoCd', 'manifests/crds/application-crd.yaml'),
  '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations': sourceFile(
    'fluxKustomize',
    'config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml',
  ),
  '/apis/source.toolkit.fluxcd.io/v1/gitrepositories': sourceFile(
    'fluxSource',
    'config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml',
  ),
};

describe('the examples for GitOps tools', () => {
  it('are objects as the tools define them, and name paths of this repository', async () => {
    const { client } = holder.world;
    await applyFiles(client, ...Object.values(DEFINITIONS));
    for (const path of Object.keys(DEFINITIONS)) await untilServed(client, path);
    for (const namespace of ['argocd', 'flux-system'])
      await client.create('/api/v1/namespaces', { kind: 'Namespace', metadata: { name: namespace } });
    for (const file of MANIFESTS) {
      for (const object of await readObjects('examples', ...file)) {
        const collection = await collectionPath(client, object);
        const options = 'dryRun=All&fieldValidation=Strict';
        const answer = await client.request('POST', `${collection}?${options}`, { body: object });
        expect([file.join('/'), answer.code, answer.code === 201 ? '' : answer.text]).toEqual([
          file.join('/'),
          201,
          '',
        ]);
        const { source, path } = object['spec'] as { source?: { path: string }; path?: string };
        expect(existsSync(join(ROOT, source?.path ?? path ?? '.'))).toBe(true);
      }
    }
  });
});

describe('the health of a SealedSecret', () => {
  const NAMESPACE = 'health';
  /** Seals the item under `sealedAs` and applies it as `name`: only under its own name it can be opened. */
  const apply = async (name: string, item: string, sealedAs = name) => {
    const certificate = readVector('kubeseal/a.crt');
    const object = await sealTexts(
      certificate,
      { namespace: NAMESPACE, name: sealedAs },
      { [item]: 'hunter2' },
    );
    const path = `/apis/bitnami.com/v1alpha1/namespaces/${NAMESPACE}/sealedsecrets/${name}`;
    const renamed = { ...object, metadata: { namespace: NAMESPACE, name } };
    await holder.world.client.patch(`${path}?fieldManager=test&force=true`, 'apply', renamed);
  };
  const opinion = async (name: string) => {
    const { argo, kstatus, fluxExpr } = await judge(await holder.world.sealedSecret(NAMESPACE, name));
    return { argo: argo.status, message: argo.message, kstatus: kstatus.status, flux: fluxExpr.status };
  };
  const untilArgoSays = (status: string, name: string) =>
    eventually(`${name} to be ${status}`, async () => {
      const seen = await opinion(name);
      return seen.argo === status ? seen : undefined;
    });

  it('is in progress until the controller has looked at it; kstatus alone would not wait', async () => {
    await holder.world.client.create('/api/v1/namespaces', {
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    await apply('broken', 'password', 'another');
    expect(await opinion('broken')).toMatchObject({
      argo: 'Progressing',
      kstatus: 'Current',
      flux: 'Unknown',
    });
  });
  it('is bad when it cannot be opened, with the reason', async () => {
    await holder.world.start();
    const { message, ...seen } = await untilArgoSays('Degraded', 'broken');
    expect(seen).toEqual({ argo: 'Degraded', kstatus: 'InProgress', flux: 'Failed' });
    expect(message).toMatch(/no key could decrypt secret.*password/);
  });
  it('is good when its Secret is in sync', async () => {
    await apply('good', 'password');
    expect(await untilArgoSays('Healthy', 'good')).toMatchObject({ kstatus: 'Current', flux: 'Current' });
  });
  it('is in progress again after an edit, until the controller has looked', async () => {
    await holder.world.stop();
    await apply('good', 'other');
    expect(await opinion('good')).toMatchObject({
      argo: 'Progressing',
      kstatus: 'InProgress',
      flux: 'InProgress',
    });
    await holder.world.start();
    expect(await untilArgoSays('Healthy', 'good')).toMatchObject({ kstatus: 'Current', flux: 'Current' });
  });
});

describe('sync waves', () => {
  it('bring the Secret before what uses it: applied wave by wave, each until it is healthy', async () => {
    const { client, cluster } = holder.world;
    const files = (await readdir(join(ROOT, 'examples', 'shop'), { recursive: true })).filter((name) =>
      name.endsWith('.yaml'),
    );
    const objects = (await Promise.all(files.map((name) => readObjects('examples', 'shop', name)))).flat();
    const waves = Map.groupBy(objects, waveOf);
    const order = [...waves.keys()].sort((a, b) => a - b);
    expect(order.map((wave) => waves.get(wave)?.map(({ kind }) => kind))).toEqual([
      ['Namespace'],
      ['SealedSecret'],
      ['Deployment'],
    ]);
    for (const wave of order) {
      for (const object of waves.get(wave) ?? []) {
        if (object.kind === 'Deployment') {
          const secret = await client.get('/api/v1/namespaces/shop/secrets/db');
          expect(secret['data']).toEqual({ password: btoa('hunter2') });
        }
        await kubectlApply(object, cluster.adminKubeconfig);
        if (object.kind === 'SealedSecret') await untilHealthy(object);
      }
    }
    expect((await client.get('/apis/apps/v1/namespaces/shop/deployments/shop')).kind).toBe('Deployment');
  });
});

function waveOf({ metadata }: ApiObject): number {
  return Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
}

function untilHealthy({ metadata: { namespace = '', name = '' } }: ApiObject): Promise<true> {
  return eventually(`${namespace}/${name} to be healthy`, async () => {
    const { argo } = await judge(await holder.world.sealedSecret(namespace, name));
    return argo.status === 'Healthy' || undefined;
  });
}

async function kubectlApply(object: ApiObject, kubeconfig: string): Promise<void> {
  const running = promisify(execFile)('kubectl', ['--kubeconfig', kubeconfig, 'apply', '-f', '-']);
  running.child.stdin?.end(stringify(object));
  await running;
}
