import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { hostPlatform } from '../../scripts/executable/platforms.ts';
import { OWNER } from '../../scripts/owner.ts';
import { releaseOf } from '../../scripts/packages/archives.ts';
import { krewManifest } from '../../scripts/packages/krew.ts';
import { buildRelease } from '../../scripts/release/release.ts';
import { guideTool } from '../support/tools/guide-tools.ts';
import { readVector } from '../vectors/read.ts';
import { serveFiles } from './file-server.ts';
import { guideBlock } from './guide-block.ts';
import { useShell } from './shell.ts';

const BUILD_TIMEOUT_MS = 120_000;
const holder = useShell();
const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';

/** `kubectl seal-secret` runs kubectl-seal_secret, which krew links to the installed program. */
describe('kubectl seal-secret', () => {
  it(
    'is installed by krew, whose validator has no complaint, from an archive of a release and the manifest made for it',
    async () => {
      const { shell } = holder;
      const outDir = shell.path('release');
      await buildRelease({ outDir, platforms: [hostPlatform()], programs: ['kubeseal'] });
      const checksums = await readFile(join(outDir, 'SHA256SUMS'), 'utf8');
      const installed = await serveFiles(outDir, async (baseUrl) => {
        const manifest = krewManifest(releaseOf(OWNER, VERSION, checksums));
        const there = `${OWNER.repository}/releases/download/v${VERSION}`;
        await shell.write('seal-secret.yaml', manifest.replaceAll(there, baseUrl));
        return shell.run([guideTool('krew'), 'install', '--manifest=seal-secret.yaml']);
      });
      expect(installed).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('Installed plugin: seal-secret'),
      });
      const command = [guideTool('validate-krew-manifest'), '-manifest', 'seal-secret.yaml', '-skip-install'];
      expect(await shell.run(command)).toMatchObject({ code: 0 });
      await expectPlugin('PATH="$HOME/.krew/bin:$PATH"');
    },
    BUILD_TIMEOUT_MS,
  );
  it('is a link to kubeseal, too, as the guide makes it', async () => {
    const { shell } = holder;
    const cert = await shell.write('cert.pem', readVector('kubeseal/a.crt'));
    const env = { SEALED_SECRETS_CERT: cert }; // there is no cluster to fetch one from
    const { code, stdout } = await shell.sh(guideBlock('kubectl.md', 'sh', 'ln -s'), { env });
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({ kind: 'SealedSecret', metadata: { name: 'db' } });
    await expectPlugin('');
  });
  it('is completed by kubectl once the guide is followed', async () => {
    const { shell } = holder;
    const [link = ''] = guideBlock('kubectl.md', 'sh', 'ln -s').split('\n');
    const script = guideBlock('kubectl.md', 'sh', 'kubectl_complete');
    const setup = `[ -e ~/bin/kubectl-seal_secret ] || ${link}\n${script}`;
    const ask = (line: string) => shell.sh(`${setup}\nkubectl __complete ${line}`);
    expect(await ask('seal-secret --scope c')).toMatchObject({ code: 0, stdout: 'cluster-wide\n:4\n' });
  });
});

/** @param setup of the shell, before kubectl is called */
async function expectPlugin(setup: string): Promise<void> {
  const { shell } = holder;
  const plugin = (args: string) => shell.sh(`${setup}\nkubectl seal-secret ${args}`);
  await shell.write('cert.pem', readVector('kubeseal/a.crt'));
  await shell.write('secret.yaml', SECRET);
  expect(await plugin('--version')).toEqual({
    code: 0,
    stdout: `kubeseal version: ${VERSION}\n`,
    stderr: '',
  });
  const sealed = await plugin('--cert cert.pem -o yaml < secret.yaml');
  expect(parse(sealed.stdout)).toMatchObject({ kind: 'SealedSecret', metadata: { name: 'db' } });
  expect((await plugin('--help')).stdout).toMatch(/^Usage of kubectl seal-secret:\n/);
  expect(await plugin('--no-such-flag')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('hint: kubectl seal-secret --help lists the flags'),
  });
}
