import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { buildPage, PAGE_FILES } from '../../scripts/page/build-page.ts';
import { isBrowserMissing, type OpenBrowser, openChromium } from '../support/browser/chromium.ts';
import { SealingPage } from '../support/browser/sealing-page.ts';
import { runTool } from '../support/tools/run-tool.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');

const holder = useWorld();

describe.skipIf(isBrowserMissing('sealing page'))('a person with a browser and a certificate', () => {
  let browser: OpenBrowser;
  let file: string;
  let namespace: string;
  beforeAll(async () => {
    browser = await openChromium();
    await buildPage(join(browser.folder, 'page'));
    namespace = await holder.world.namespace();
    file = join(browser.folder, 'db.yaml');
    const url = pathToFileURL(join(browser.folder, 'page', PAGE_FILES.single)).href;
    const page = await SealingPage.at(await browser.context.newPage(), url);
    await page.addCertificate(await holder.world.certificate());
    await page.type({ name: 'db', namespace, items: { password: 'hunter2 ünï 🔑', user: 'ann' } });
    await page.seal();
    const { name, text } = await page.download('db.yaml');
    expect(name).toBe('db.yaml');
    await writeFile(file, text);
  });
  afterAll(() => browser?.close());

  it('seals a Secret that kubectl applies and the cluster opens', async () => {
    const { world } = holder;
    const applied = await runTool(['kubectl', 'apply', '-f', file], {
      env: { PATH: process.env['PATH'], KUBECONFIG: world.cluster.adminKubeconfig, HOME: browser.folder },
    });
    expect(applied).toMatchObject({ code: 0, stdout: 'sealedsecret.bitnami.com/db created\n' });
    await world.untilSynced(namespace, 'db', 'True');
    expect(await world.secret(namespace, 'db')).toMatchObject({
      type: 'Opaque',
      data: {
        password: Buffer.from('hunter2 ünï 🔑').toString('base64'),
        user: Buffer.from('ann').toString('base64'),
      },
    });
  });
  it.each([['check'], ['inspect']])('gets a file that passes kubeseal %s', async (command) => {
    const env = { PATH: process.env['PATH'], HOME: browser.folder };
    const { code, stderr } = await runTool([process.execPath, KUBESEAL, command, '--', file], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') });
  });
});
