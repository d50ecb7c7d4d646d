import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPlain } from '../../deploy/plain/render.ts';
import { useChart } from './chart.ts';

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy');
const context = useChart();

describe('the plain manifests', () => {
  it('are what the chart says', async () => {
    for (const [name, text] of Object.entries(await renderPlain()))
      expect(await readFile(join(DEPLOY, name), 'utf8'), 'run node deploy/plain/render.ts').toBe(text);
  });
});

const isMissing = spawnSync('kubectl', ['version', '--client']).error !== undefined;
if (isMissing) console.warn('SKIPPED kubectl: it is not installed');

function kubectl(...args: readonly string[]): { code: number | null; text: string; stdout: string } {
  const kubeconfig = context.chart.world.cluster.adminKubeconfig;
  const { status, stdout, stderr } = spawnSync('kubectl', ['--kubeconfig', kubeconfig, ...args], {
    encoding: 'utf8',
  });
  return { code: status, text: stdout + stderr, stdout };
}

const TAKEN = [
  'customresourcedefinition.apiextensions.k8s.io/sealedsecrets.bitnami.com',
  'serviceaccount/sealed-secrets-controller',
  'clusterrole.rbac.authorization.k8s.io/secrets-unsealer',
  'clusterrolebinding.rbac.authorization.k8s.io/sealed-secrets-controller',
  'role.rbac.authorization.k8s.io/sealed-secrets-key-admin',
  'rolebinding.rbac.authorization.k8s.io/sealed-secrets-controller',
  'role.rbac.authorization.k8s.io/sealed-secrets-service-proxier',
  'rolebinding.rbac.authorization.k8s.io/sealed-secrets-service-proxier',
  'service/sealed-secrets-controller',
  'service/sealed-secrets-controller-metrics',
  'deployment.apps/sealed-secrets-controller',
  'poddisruptionbudget.policy/sealed-secrets-controller',
];

describe.skipIf(isMissing)('kubectl', () => {
  let overlay = '';
  beforeAll(async () => {
    overlay = await mkdtemp(join(tmpdir(), 'fuin-overlay-'));
    const lines = ['resources:', `  - ${relative(overlay, DEPLOY)}`, 'namespace: seals'];
    await writeFile(join(overlay, 'kustomization.yaml'), lines.join('\n'));
  });
  afterAll(() => rm(overlay, { recursive: true, force: true }));

  it.each(['-f', '-k'])('apply %s deploy/ makes all of it', (how) => {
    const { code, text } = kubectl(
      'apply',
      '--server-side',
      '--force-conflicts',
      '--validate=strict',
      how,
      DEPLOY,
    );
    expect({ code, text }).toMatchObject({ code: 0 });
    const applied = text
      .trim()
      .split('\n')
      .map((line) => line.replace(' serverside-applied', ''));
    expect(applied.toSorted()).toEqual(TAKEN.toSorted());
  });

  it('takes deploy/ as a base of an overlay', () => {
    const { code, text, stdout } = kubectl('kustomize', overlay);
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(stdout.match(/^ {2}namespace: seals$/gm)).toHaveLength(11);
    expect(stdout).not.toContain('kube-system');
  });
});
