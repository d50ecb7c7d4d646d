import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiClient } from '../support/api/api-client.ts';
import { ensureNamespace } from '../support/api/apply.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { guideTool } from '../support/tools/guide-tools.ts';
import { runTool } from '../support/tools/run-tool.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
let cluster: EmbeddedCluster;
let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'fuin-age-'));
  cluster = await startEmbeddedCluster();
  const client = await apiClient(cluster.adminKubeconfig);
  await ensureNamespace(client, 'kube-system');
  await storeKey(client, 'kube-system', { key: await testKey('a', 1), name: 'key-a' });
  client.close();
});
afterAll(async () => {
  await cluster?.stop();
  await rm(cwd, { recursive: true, force: true });
});

async function run(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTool(words, { env: { PATH: process.env['PATH'] }, cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
}
const kubeseal = (...args: readonly string[]) => run(process.execPath, KUBESEAL, 'keys', ...args);

describe.each([
  ['classic', []],
  ['post-quantum', ['-pq']],
])('age with %s recipients', (name, flags) => {
  const [identity, recipients, backup] = [`${name}.txt`, `${name}.pub`, `${name}.age`];
  beforeAll(async () => {
    await run(guideTool('age-keygen'), ...flags, '-o', identity);
    await writeFile(join(cwd, recipients), await run(guideTool('age-keygen'), '-y', identity));
  });

  it('decrypts what kubeseal keys backup encrypted', async () => {
    const access = ['--kubeconfig', cluster.adminKubeconfig];
    await kubeseal('backup', '--to', recipients, '-w', backup, '-i', identity, ...access);
    const text = await run(guideTool('age'), '-d', '-i', identity, backup);
    expect(text).toContain('name: key-a');
    await writeFile(join(cwd, `${name}.yaml`), text);
  });
  it.each([
    ['armored', ['-a']],
    ['binary', []],
  ])('encrypts %s what kubeseal keys verify reads', async (_form, armor) => {
    const file = `by-age-${armor.length}-${name}`;
    await run(guideTool('age'), ...armor, '-R', recipients, '-o', file, `${name}.yaml`);
    expect(await readFile(join(cwd, file), 'latin1')).not.toContain('key-a');
    await kubeseal('verify', '-i', identity, file);
  });
});
