import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readVector } from '../vectors/read.ts';
import { ROOT } from './guide-world.ts';
import { useShell } from './shell.ts';

const GUIDE = join(ROOT, 'docs', 'guides', 'vs-code.md');
const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
/** Lines of the guide's tables that begin with a command: a file, a scope and its line. */
const ROW = /^\| `(kubeseal [^`]+)` \| (\w+) \| ([\w-]+) \|$/gm;
const guide = await readFile(GUIDE, 'utf8').catch(() => '');
const rows = [...guide.matchAll(ROW)].map(([, command = '', what = '', scope = '']) => ({
  command,
  what,
  scope,
}));
const holder = useShell();

beforeAll(async () => {
  const { shell } = holder;
  await shell.write('cert.pem', readVector('kubeseal/a.crt'));
  await shell.write('key.pem', readVector('kubeseal/a.pkcs1.key'));
  await shell.write('text', 'hunter2');
  await shell.write('secret.yaml', SECRET);
});

const inPlace = (command: string) =>
  command
    .replaceAll('CERT', holder.shell.path('cert.pem'))
    .replaceAll('TEXT', holder.shell.path('text'))
    .replaceAll('FILE', holder.shell.path('secret.yaml'))
    .replaceAll('OUT', holder.shell.path('out.yaml'))
    .replaceAll('NAMESPACE', 'shop')
    .replaceAll('NAME', 'db');
const ANNOTATIONS: Readonly<Record<string, object>> = {
  strict: {},
  'namespace-wide': { 'sealedsecrets.bitnami.com/namespace-wide': 'true' },
  'cluster-wide': { 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
};

/** What the key opens in a SealedSecret. */
async function opened(sealed: object): Promise<unknown> {
  const { shell } = holder;
  await shell.write('sealed.yaml', JSON.stringify(sealed));
  const unseal = 'kubeseal --recovery-unseal --recovery-private-key key.pem -f sealed.yaml';
  const { stdout } = await shell.sh(unseal);
  return (parse(stdout) as { readonly data?: unknown }).data;
}

describe('the command lines of VS Code extensions', () => {
  it('are in the guide: a file and a selection, in each scope', () => {
    for (const what of ['file', 'selection'])
      for (const scope of Object.keys(ANNOTATIONS))
        expect(rows.filter((row) => row.what === what && row.scope === scope)).not.toEqual([]);
  });
  it.each(rows.filter(({ what }) => what === 'file'))('seal a file: $command', async ({ command, scope }) => {
    const { shell } = holder;
    const { code, stdout, stderr } = await shell.sh(inPlace(command));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const sealed = parse(stdout === '' ? await readFile(shell.path('out.yaml'), 'utf8') : stdout);
    expect(sealed).toMatchObject({ kind: 'SealedSecret', metadata: { name: 'db' } });
    expect(sealed.metadata.annotations ?? {}).toEqual(ANNOTATIONS[scope]);
    expect(await opened(sealed)).toEqual({ password: btoa('hunter2') });
  });
  it.each(rows.filter(({ what }) => what === 'selection'))(
    'seal a selection: $command',
    async ({ command, scope }) => {
      const { code, stdout, stderr } = await holder.shell.sh(inPlace(command));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const sealed = {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { name: 'db', namespace: 'shop', annotations: ANNOTATIONS[scope] },
        spec: { encryptedData: { password: stdout }, template: {} },
      };
      expect(await opened(sealed)).toEqual({ password: btoa('hunter2') });
    },
  );
});
