import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '../support/time/eventually.ts';
import { installHelm } from '../support/tools/chart-tools.ts';
import { guideTool } from '../support/tools/guide-tools.ts';
import { readVector } from '../vectors/read.ts';
import { guideBlock } from './guide-block.ts';
import { ROOT, useGuideWorld } from './guide-world.ts';
import { type Said, useShell } from './shell.ts';

const world = useGuideWorld();
const holder = useShell();
const HIDDEN = /hunter2|aHVudGVyMg/;
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name:   config # a Secret is beside it\n';
const secret = (name: string, annotations = '{}') =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, annotations: ${annotations}}\nstringData: {password: {{ .Values.password }}}\n`;

beforeAll(async () => {
  const { shell } = holder;
  await shell.sh(`ln -s ${await installHelm()} bin/helm && ln -s ${guideTool('helm3')} bin/helm3`);
  await cp(join(ROOT, 'examples', 'helm'), shell.path('examples/helm'), { recursive: true });
  await shell.write('cert.pem', readVector('kubeseal/a.crt'));
  await shell.write('password.txt', 'hunter2');
  await shell.write('chart/Chart.yaml', 'apiVersion: v2\nname: shop\nversion: 0.1.0\n');
  await shell.write('chart/templates/config.yaml', CONFIG);
  await shell.write('chart/templates/db.yaml', secret('db'));
  await world.world.start();
  await world.world.client.create('/api/v1/namespaces', { kind: 'Namespace', metadata: { name: 'shop' } });
});

const sh = (script: string): Promise<Said> =>
  holder.shell.sh(script, { env: { KUBECONFIG: world.world.cluster.adminKubeconfig } });

/** Waits until the controller has opened what a release installed, and removes the release. */
async function untilOpened(helm: string): Promise<void> {
  const password = await eventually('the Secret', async () => {
    const { code, text } = await world.world.client.request('GET', '/api/v1/namespaces/shop/secrets/db');
    return code === 200 ? (JSON.parse(text) as { data: { password: string } }).data.password : undefined;
  });
  expect(atob(password)).toBe('hunter2');
  expect(await sh(`${helm} uninstall shop -n shop`)).toMatchObject({ code: 0 });
  await eventually('the Secret to be gone', async () => {
    await sh('kubectl -n shop delete secret db --ignore-not-found'); // no garbage collector is here
    const { code } = await world.world.client.request('GET', '/api/v1/namespaces/shop/secrets/db');
    return code === 404 ? true : undefined;
  });
}

describe('the guide to Helm', () => {
  it('renders a chart for Git without a Secret in the clear, and changes nothing else', async () => {
    const plain = await sh('helm template shop ./chart -n shop --set password=hunter2');
    const { code, stderr } = await sh(guideBlock('helm.md', 'sh', 'helm template'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(HIDDEN) });
    const text = await readFile(holder.shell.path('shop.yaml'), 'utf8');
    expect(text).not.toMatch(HIDDEN);
    const head = '# Source: shop/templates/db.yaml\n';
    const others = (whole: string) => whole.split('---\n').filter((piece) => !piece.startsWith(head));
    expect(others(text)).toEqual(others(plain.stdout));
    expect(text).toContain(`---\n${head}apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n`);
  });
  it('installs with Helm 3 what the controller opens', async () => {
    const { code, stderr } = await sh(guideBlock('helm.md', 'sh', 'helm3'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(HIDDEN) });
    await untilOpened('helm3');
  });
  it('installs with Helm 4 and a plug-in what the controller opens', async () => {
    const { code, stderr } = await sh(guideBlock('helm.md', 'sh', 'helm plugin'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(HIDDEN) });
    await untilOpened('helm');
  });
  it('refuses a chart that makes a Secret in the clear', async () => {
    const { code, stdout, stderr } = await sh(guideBlock('helm.md', 'sh', '--refuse'));
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(' of stdin is a Secret in the clear: db\n');
    expect(stderr).not.toMatch(HIDDEN);
  });
  it('shows the plug-in', async () => {
    const example = await readFile(join(ROOT, 'examples', 'helm', 'seal', 'plugin.yaml'), 'utf8');
    expect(parse(guideBlock('helm.md', 'yaml'))).toEqual(parse(example));
  });
  it('tells the truth about hooks: Helm 3 leaves them in the clear, Helm 4 does not', async () => {
    const { shell } = holder;
    await shell.write('chart/templates/hook.yaml', secret('hook', '{helm.sh/hook: pre-install}'));
    const args = 'template shop ./chart -n shop --set password=hunter2';
    const flags = '--post-renderer-args --namespace=shop --post-renderer-args --cert=cert.pem';
    const three = await sh(
      `helm3 ${args} --post-renderer kubeseal --post-renderer-args post-render ${flags}`,
    );
    expect(three.stdout).toMatch(/name: hook[\s\S]*hunter2/);
    const four = await sh(`helm ${args} --post-renderer seal ${flags}`);
    expect(four).toMatchObject({ code: 0 });
    expect(four.stdout).toContain('    helm.sh/hook: pre-install\n');
    expect(four.stdout).not.toMatch(HIDDEN);
    await shell.sh('rm chart/templates/hook.yaml');
  });
  it('shows no plaintext where the post-renderer fails, and installs nothing', async () => {
    const args = 'install shop ./chart -n shop --set password=hunter2';
    const three = await sh(`helm3 ${args} --post-renderer kubeseal --post-renderer-args post-render`);
    const four = await sh(`helm ${args} --post-renderer seal`);
    expect(three.stderr).toContain('error: the namespace of Secret db is missing');
    for (const { code, stdout, stderr } of [three, four]) {
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toMatch(HIDDEN);
    }
    expect((await world.world.client.list('/api/v1/namespaces/shop/secrets')).items).toEqual([]);
  });
});
