import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installHelm } from '../../test/support/tools/chart-tools.ts';
import { toPlain } from './plain.ts';

/**
 * `node deploy/plain/render.ts` writes deploy/{crd,rbac,controller}.yaml from the chart; with --check it only
 * tells whether they are what the chart says. Needs Go for Helm (docs/adr/0009-manifests.md).
 */
const DEPLOY = join(import.meta.dirname, '..');
const CHART = join(DEPLOY, 'helm', 'sealed-secrets');
const CRD = join(CHART, 'crds', 'bitnami.com_sealedsecrets.yaml');
const NAMESPACE = 'kube-system';

/** The plain manifests by file name. */
export async function renderPlain(): Promise<Record<string, string>> {
  const values = join(import.meta.dirname, 'values.yaml');
  const args = ['template', 'plain', CHART, '--namespace', NAMESPACE, '--values', values];
  const { stdout } = await promisify(execFile)(await installHelm(), args);
  return { 'crd.yaml': await readFile(CRD, 'utf8'), ...toPlain(stdout) };
}

async function main(args: readonly string[]): Promise<number> {
  const stale: string[] = [];
  for (const [name, text] of Object.entries(await renderPlain())) {
    const file = join(DEPLOY, name);
    if (text === (await readFile(file, 'utf8').catch(() => ''))) continue;
    stale.push(name);
    if (!args.includes('--check')) await writeFile(file, text);
  }
  for (const name of stale) process.stdout.write(`deploy/${name} differs from the chart\n`);
  return args.includes('--check') && stale.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
