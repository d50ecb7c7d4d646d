import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { buildPage } from '../../scripts/page/build-page.ts';
import { isBrowserMissing, type OpenBrowser, openChromium } from '../support/browser/chromium.ts';
import { SealingPage } from '../support/browser/sealing-page.ts';
import { runTool } from '../support/tools/run-tool.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const DIST = join(import.meta.dirname, '../../packages/web/dist');

beforeAll(() => buildPage(DIST)); // before the controller starts, which serves it from there
const holder = useWorld('--web');

describe.skipIf(isBrowserMissing('served page'))('the page that the controller serves', () => {
  let browser: OpenBrowser;
  beforeAll(async () => {
    browser = await openChromium({ locale: 'en' }, holder.world.controller.url);
  });
  afterAll(() => browser?.close());

  it('seals with the certificate of its controller, and asks for nothing else', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const tab = await browser.context.newPage();
    const asked: string[] = [];
    const broken: string[] = [];
    tab.on('request', (request) => asked.push(request.url()));
    tab.on('console', (message) => broken.push(message.text()));
    const page = await SealingPage.at(tab, `${world.controller.url}/web/`);
    await tab.getByText('SHA256:').waitFor();
    await page.type({ name: 'db', namespace, items: { password: 'hunter2' } });
    await page.seal();
    const { text } = await page.download('db.yaml');
    expect(asked.filter((url) => !/^(?:data|blob):/.test(url))).toEqual([
      `${world.controller.url}/web/`,
      `${world.controller.url}/v1/cert.pem`,
    ]);
    expect(broken).toEqual([]);
    const file = join(browser.folder, 'db.yaml');
    await writeFile(file, text);
    const env = {
      PATH: process.env['PATH'],
      KUBECONFIG: world.cluster.adminKubeconfig,
      HOME: browser.folder,
    };
    expect(await runTool(['kubectl', 'apply', '-f', file], { env })).toMatchObject({ code: 0 });
    await world.untilSynced(namespace, 'db', 'True');
    expect(await world.secret(namespace, 'db')).toMatchObject({ data: { password: btoa('hunter2') } });
  });
  it('cannot be shown inside of another page', async () => {
    const tab = await browser.context.newPage();
    const { url } = holder.world.controller;
    const refused = tab.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await tab.setContent(`<iframe src="${url}/web/"></iframe>`);
    await refused;
  });
});
