import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SealingPage } from '../support/browser/sealing-page.ts';
import { serveFolder } from '../support/folder-server.ts';
import { readVector } from '../vectors/read.ts';
import { BuiltPage, isSkipped } from './built-page.ts';

const CERTIFICATE = readVector('x509/rsa-a.crt');
const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {a: hunter2}\n';
const EVIL = '<img src=x onerror=alert(1)><script>alert(1)</script>';

let built: BuiltPage;
beforeAll(async () => {
  if (!isSkipped) built = await BuiltPage.open();
});
afterAll(() => built?.close());

/** Everything that the page can do, once. */
async function useEverything(page: SealingPage): Promise<void> {
  await page.addCertificate(CERTIFICATE);
  await page.load(SECRET, 'secret.yaml');
  const [sealed = ''] = await page.seal();
  await page.download('db.yaml');
  await page.load(sealed, 'sealed.yaml');
  await page.page.getByText('You are changing').waitFor();
  await page.button('Replace').click();
  await page.page.getByLabel('Value', { exact: true }).fill('x');
  await page.seal();
  await page.page.getByLabel('Language').selectOption('日本語');
  await page.page.getByRole('heading', { name: 'Secret を封印する' }).waitFor();
  await page.page.getByLabel('言語').selectOption('English');
  await page.button('Clear the form').click();
  await page.page.getByText('The form is empty.').waitFor();
}

describe.skipIf(isSkipped)('the page asks nobody', () => {
  it.each(['folder', 'file'])('makes no request once it is loaded, offline too, as a %s', async (form) => {
    const tab = await built.newTab();
    const asked: string[] = [];
    const log = await built.browser.context.newCDPSession(tab);
    await log.send('Network.enable');
    log.on('Network.requestWillBeSent', ({ request }) => asked.push(request.url));
    const url = form === 'folder' ? built.server.url : built.fileUrl;
    await tab.goto(url, { waitUntil: 'load' });
    const loading = asked.filter((each) => !each.startsWith('data:'));
    expect(loading.every((each) => each.startsWith(form === 'folder' ? built.server.url : 'file:'))).toBe(
      true,
    );
    if (form === 'file') expect(loading).toEqual([url]);
    asked.length = 0;
    await built.browser.context.setOffline(true);
    try {
      await useEverything(new SealingPage(tab));
    } finally {
      await built.browser.context.setOffline(false);
    }
    expect(asked.filter((each) => !each.startsWith('blob:'))).toEqual([]); // a blob is the download
  });
  it('breaks its own policy nowhere, and the policy lets no text become script', async () => {
    const tab = await built.newTab();
    const broken: string[] = [];
    tab.on('console', (message) => broken.push(message.text()));
    tab.on('pageerror', (error) => broken.push(error.message));
    const page = await SealingPage.at(tab, built.server.url);
    await useEverything(page);
    expect(broken).toEqual([]);
    const refusals = await tab.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve)); // what evaluate itself runs may do everything
      const names: string[] = [];
      const attempt = (act: () => unknown) => {
        try {
          act();
          names.push('allowed');
        } catch (error) {
          names.push((error as Error).name);
        }
      };
      attempt(() => {
        document.createElement('div').innerHTML = '<b>x</b>';
      });
      attempt(() => new Function('return 1')());
      attempt(() => Reflect.get(globalThis, 'trustedTypes').createPolicy('mine', {}));
      return names;
    });
    expect(refusals).toEqual(['TypeError', 'EvalError', 'TypeError']);
    expect(
      await tab.evaluate(() =>
        fetch('/index.html').then(
          () => 'allowed',
          () => 'refused',
        ),
      ),
    ).toBe('refused');
  });
  it.each(['page', 'load', 'de'])('does not run the script %s if one byte of it is another', async (name) => {
    const copy = await BuiltPage.open({ locale: 'en' });
    try {
      const index = await readFile(join(copy.folder, 'index.html'), 'utf8');
      const files = [...index.matchAll(/"\.\/([\w-]+\.js)"/g)].map(([, file = '']) => file);
      const chosen = files.filter((file) => file.startsWith(`${name}-`));
      expect(chosen).not.toEqual([]);
      for (const file of chosen) {
        const path = join(copy.folder, file);
        await writeFile(path, `${await readFile(path, 'utf8')}\nglobalThis.evil = true;`);
      }
      const tab = await copy.newTab();
      await tab.goto(copy.server.url, { waitUntil: 'load' });
      if (name !== 'page') {
        const page = new SealingPage(tab);
        await page.addCertificate(CERTIFICATE);
        if (name === 'load') {
          await page.load(SECRET, 'secret.yaml');
          expect(await page.problems()).toContain('Something failed');
        } else {
          const failed = tab.waitForEvent('pageerror');
          await tab.getByLabel('Language').selectOption('Deutsch');
          await failed;
        }
      }
      expect(await tab.evaluate(() => 'evil' in globalThis)).toBe(false);
    } finally {
      await copy.close();
    }
  });
});

describe.skipIf(isSkipped)('the page forgets', () => {
  it('values, results and what was loaded, when the form is cleared', async () => {
    const page = await built.newPage();
    await page.addCertificate(CERTIFICATE);
    await page.load(SECRET.replace('hunter2', 'a-rare-value-4711'), 'secret.yaml');
    await page.seal();
    const fields = await page.page.evaluateHandle(() => [...document.querySelectorAll('textarea')]);
    const texts = () => fields.evaluate((all) => all.map(({ value }) => value).join(''));
    expect(await texts()).toBe('a-rare-value-4711');
    await page.button('Clear the form').click();
    expect(await texts()).toBe('');
    expect(await page.page.locator('.result').isVisible()).toBe(false);
    expect(await page.page.getByLabel('Name', { exact: true }).inputValue()).toBe('');
    expect(await page.page.content()).not.toContain('a-rare-value-4711');
  });
  it('values, when a person leaves the page and comes back', async () => {
    const page = await built.newPage(built.server.url);
    await page.type({ name: 'db', items: { a: 'hunter2' } });
    await page.page.goto('about:blank');
    await page.page.goBack();
    await page.button('Seal').waitFor();
    expect(await page.page.getByLabel('Value', { exact: true }).inputValue()).toBe('');
  });
  it('everything, unless it is asked to remember certificates, and then nothing else', async () => {
    const page = await built.newPage(built.server.url);
    const stored = () => page.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    await page.addCertificate(CERTIFICATE);
    await page.type({ name: 'db', namespace: 'shop', items: { a: 'hunter2' } });
    await page.seal();
    expect(await stored()).toBe('{}');
    await page.page.getByLabel('Remember the certificates in this browser').check();
    expect(await stored()).toContain('BEGIN CERTIFICATE');
    expect(await stored()).not.toMatch(/hunter2|shop/);
    const later = await built.newPage(built.server.url);
    await later.page.getByText('SHA256:').waitFor();
    await later.page.getByLabel('Remember the certificates in this browser').uncheck();
    expect(await stored()).toBe('{}');
  });
  it('nothing important where the browser forbids to store', async () => {
    const tab = await built.newTab();
    await tab.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', {
        get: () => {
          throw new DOMException('forbidden', 'SecurityError');
        },
      });
    });
    const page = await SealingPage.at(tab, built.fileUrl);
    expect(await tab.getByLabel('Remember the certificates').isVisible()).toBe(false);
    await page.addCertificate(CERTIFICATE);
    await page.type({ name: 'db', namespace: 'shop', items: { a: 'x' } });
    expect(await page.seal()).toHaveLength(1);
  });
});

describe.skipIf(isSkipped)('the page shows hostile input as text', () => {
  it.each([
    [
      'names of items',
      `kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {${JSON.stringify(EVIL)}: x}\n`,
    ],
    [
      'the name and labels',
      JSON.stringify({
        kind: 'Secret',
        metadata: { name: EVIL, labels: { [EVIL]: EVIL } },
        stringData: { a: EVIL },
      }),
    ],
    ['the kind', JSON.stringify({ kind: EVIL, metadata: { name: 'x' } })],
    [
      'a SealedSecret',
      JSON.stringify({
        kind: 'SealedSecret',
        apiVersion: 'bitnami.com/v1alpha1',
        metadata: { name: EVIL, namespace: EVIL },
        spec: { encryptedData: { [EVIL]: 'AQ==' } },
      }),
    ],
    ['a .env file', `A='${EVIL}'\n`],
    ['no manifest at all', EVIL],
    ['bytes', '\u0000\u0001\ufffe'],
  ])('in %s', async (_where, text) => {
    const page = await built.newPage();
    const before = await page.page.locator('script, img, iframe').count();
    await page.addCertificate(CERTIFICATE);
    await page.load(text, `${EVIL.replaceAll('/', '')}.yaml`);
    await page.button('Seal').click();
    await page.page.locator('.problems p, .result pre').first().waitFor();
    expect(await page.page.locator('script, img, iframe').count()).toBe(before);
  });
  it('in a certificate and its name', async () => {
    const page = await built.newPage();
    const zone = page.page.locator('.zone input[type=file]').first();
    await zone.setInputFiles({
      name: `${EVIL.replaceAll('/', '')}.pem`,
      mimeType: '',
      buffer: Buffer.from(EVIL),
    });
    expect(await page.problems()).toContain('data does not contain any valid RSA or ECDSA certificates');
    expect(await page.problems()).toContain('kubeseal --fetch-cert');
    await zone.setInputFiles({
      name: `${EVIL.replaceAll('/', '')}.pem`,
      mimeType: '',
      buffer: Buffer.from(CERTIFICATE),
    });
    await page.page.getByText('SHA256:').waitFor();
    expect(await page.page.locator('img').count()).toBe(0);
  });
  it.each([
    ['a file of certificates', '.zone >> nth=0 >> input[type=file]', 2 ** 18 + 1],
    ['a manifest', '.loader input[type=file]', 3 * 2 ** 20 + 1],
    ['the value of an item', '.item input[type=file]', 2 ** 20 + 1],
  ])('does not read %s that is too large', async (_what, selector, size) => {
    const page = await built.newPage();
    const file = { name: 'large', mimeType: '', buffer: Buffer.alloc(size, 'x') };
    await page.page.locator(selector).setInputFiles(file);
    expect(await page.problems()).toBe('large is too large.');
  });
  it('refuses more rows than a person reads', async () => {
    const page = await built.newPage();
    await page.load(Array.from({ length: 257 }, (_, at) => `A${at}=x`).join('\n'), '.env');
    expect(await page.problems()).toContain('Use kubeseal');
  });
});

describe.skipIf(isSkipped)('the page without encryption', () => {
  it('says why it cannot work over plain http', async () => {
    const server = await serveFolder(built.folder);
    const tab = await built.newTab();
    try {
      await tab.goto(server.url.replace('127.0.0.1', '0.0.0.0'));
      await tab.getByText('The browser encrypts only on pages from https').waitFor();
    } finally {
      server.close();
    }
  });
});
