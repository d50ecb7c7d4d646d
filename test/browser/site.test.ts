import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSite } from '../../scripts/site/build-site.ts';
import { writeVersions } from '../../scripts/site/versions.ts';
import { isBrowserMissing, type OpenBrowser, openChromium } from '../support/browser/chromium.ts';
import { SealingPage } from '../support/browser/sealing-page.ts';
import { type FolderServer, serveFolder } from '../support/folder-server.ts';
import { readVector } from '../vectors/read.ts';
import { findings } from './axe.ts';

const isSkipped = isBrowserMissing('documentation site');
const VERSION = '1.2.3';
const KIB = 1024;
/** Pages of different kinds: tables, code, a long reference, the search. */
const PAGES = ['index.html', 'commands/check.html', 'reference/kubeseal.html', 'search.html?q=rotate'];
/** axe-core takes half a minute for the reference, whose parts the others have too. */
const LOOKS = PAGES.filter((page) => !page.startsWith('reference')).flatMap((page) =>
  (['light', 'dark'] as const).map((scheme) => [page, scheme] as const),
);

let browser: OpenBrowser;
let server: FolderServer;
let folder: string;
/** Of a page; the site lies below a path, as on the pages of a forge. */
const at = (page: string) => `${server.url}team/fuin/${VERSION}/${page}`;
beforeAll(async () => {
  if (isSkipped) return;
  browser = await openChromium({ locale: 'en', reducedMotion: 'reduce' });
  folder = join(browser.folder, 'site/team/fuin');
  await buildSite(folder, VERSION);
  server = await serveFolder(join(browser.folder, 'site'));
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function open(page: string): Promise<Page> {
  const tab = await browser.context.newPage();
  await tab.goto(at(page));
  if (page.startsWith('search')) await tab.locator('.results li').first().waitFor();
  return tab;
}

describe.skipIf(isSkipped)('the documentation site', () => {
  it.each(LOOKS)('has no finding of axe-core on %s, %s', async (page, scheme) => {
    const tab = await open(page);
    await tab.emulateMedia({ colorScheme: scheme });
    expect(await findings(tab)).toEqual([]);
    await tab.close();
  });
  it.each(PAGES)('needs no scrolling to the side at 320 pixels on %s', async (page) => {
    const tab = await open(page);
    await tab.setViewportSize({ width: 320, height: 700 });
    expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await tab.close();
  });
  it('asks its own server alone, breaks its policy nowhere, and runs no script of a page', async () => {
    const tab = await browser.context.newPage();
    const [asked, said]: [string[], string[]] = [[], []];
    const log = await browser.context.newCDPSession(tab);
    await log.send('Network.enable');
    log.on('Network.requestWillBeSent', ({ request }) => asked.push(request.url));
    tab.on('console', (message) => said.push(message.text()));
    tab.on('pageerror', (error) => said.push(error.message));
    for (const page of [...PAGES, 'web.html', 'seal/index.html'])
      await tab.goto(at(page), { waitUntil: 'networkidle' });
    const elsewhere = asked.filter((url) => !url.startsWith('data:') && !url.startsWith(server.url));
    expect({ elsewhere, said }).toEqual({ elsewhere: [], said: [] });
    expect(asked.length).toBeGreaterThan(PAGES.length);
    const refused = await open('index.html');
    await refused
      .evaluate(() => {
        const script = document.createElement('script');
        script.text = 'globalThis.evil = true';
        document.head.append(script);
      })
      .catch(() => undefined);
    expect(await refused.evaluate(() => 'evil' in globalThis)).toBe(false);
  });
  it('shows every image, with its size before it is loaded', async () => {
    for (const page of ['index.html', 'web.html']) {
      const tab = await open(page);
      const images = await tab.locator('main img').all();
      expect(images.length).toBeGreaterThan(0);
      for (const image of images) {
        await image.scrollIntoViewIfNeeded();
        await expect
          .poll(() => image.evaluate((each: HTMLImageElement) => each.naturalWidth))
          .toBeGreaterThan(100);
        expect(await image.getAttribute('height')).toMatch(/^\d+$/);
      }
    }
  });
});

describe.skipIf(isSkipped)('the search of the site', () => {
  it('finds what to do about an error message that somebody pastes on any page', async () => {
    const tab = await open('guides/flux.html');
    await tab.keyboard.press('/');
    await tab.keyboard.insertText('SealedSecret shop/db: no key could decrypt secret (password)');
    await tab.keyboard.press('Enter');
    const first = tab.locator('.results a').first();
    await first.waitFor();
    expect(await first.textContent()).toContain('Troubleshooting: no key could decrypt secret');
    await first.click();
    await tab.waitForURL(/troubleshooting\.html#./);
    expect(await tab.locator(':target').textContent()).toContain('no key could decrypt secret');
  });
  it('goes on as somebody types, and says when there is nothing', async () => {
    const tab = await open('search.html?q=rotate');
    const field = tab.getByRole('searchbox', { name: 'Search' });
    await field.fill('');
    await field.pressSequentially('--key-renew-per');
    await expect.poll(() => tab.locator('.results').textContent()).toContain('--key-renew-period');
    await field.fill('xyzzyqwv');
    await tab.getByText('Nothing was found').waitFor();
    expect(await tab.locator('.results li').count()).toBe(0);
  });
  it('shows a query as text', async () => {
    const tab = await open('search.html?q=rotate%20%3Cimg%20src=x%20onerror=alert(1)%3E');
    expect(await tab.locator('main img').count()).toBe(0);
  });
});

describe.skipIf(isSkipped)('a reader of the site', () => {
  it('reaches text, pages and search with the keyboard, on a narrow screen too', async () => {
    const tab = await open('commands/check.html');
    await tab.setViewportSize({ width: 360, height: 700 });
    await tab.keyboard.press('Tab');
    expect(await tab.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the text');
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    const current = tab.getByRole('link', { name: 'Check, inspect, why', exact: true });
    await current.waitFor();
    expect(await current.getAttribute('aria-current')).toBe('page');
    await tab.keyboard.press('Escape');
    await current.waitFor({ state: 'hidden' });
  });
  it('sees in the list of pages where the page is, without scrolling it', async () => {
    const tab = await open('adr/0026-sealing-page.html');
    const current = tab.locator('#pages [aria-current=page]');
    await expect
      .poll(() => current.evaluate((link) => link.getBoundingClientRect().top < innerHeight))
      .toBe(true);
    expect(await tab.evaluate(() => scrollY)).toBe(0);
  });
  it('copies commands', async () => {
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const tab = await open('web.html');
    await tab.locator('.block').first().hover();
    await tab.getByRole('button', { name: 'Copy' }).first().click();
    await tab.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await tab.evaluate(() => navigator.clipboard.readText())).toBe(
      'kubeseal --fetch-cert > cert.pem\n',
    );
  });
  it('seals on the sealing page, which keeps its own policy', async () => {
    const tab = await open('index.html');
    await tab.getByRole('link', { name: 'Seal a Secret', exact: true }).click();
    const page = new SealingPage(tab);
    await page.addCertificate(readVector('x509/rsa-a.crt'));
    await page.type({ name: 'db', namespace: 'shop', items: { password: 'hunter2' } });
    expect(await page.seal()).toEqual([expect.stringContaining('kind: SealedSecret')]);
    const policy = await tab.locator('meta[http-equiv]').getAttribute('content');
    expect(policy).not.toContain('connect-src');
  });
  it('of an old version is led to the newest', async () => {
    await buildSite(folder, '1.10.0');
    expect(await writeVersions(folder)).toEqual(['1.10.0', VERSION]);
    const tab = await open('web.html');
    await tab.getByText(`This is about ${VERSION}`).waitFor();
    await tab.getByRole('link', { name: 'Read about 1.10.0' }).click();
    await tab.waitForURL(/1\.10\.0\/index\.html$/);
    expect(await tab.getByText('which is not the newest').isVisible()).toBe(false);
    await tab.getByRole('link', { name: '1.10.0', exact: true }).click();
    await tab.getByRole('link', { name: VERSION, exact: true }).click();
    await tab.waitForURL(/1\.2\.3\/index\.html$/);
  });
});

describe.skipIf(isSkipped)('the weight of the site', () => {
  const size = async (name: string) =>
    gzipSync(await readFile(join(folder, VERSION, name)), { level: 9 }).length;
  it('is bounded for every page, and for what all pages load, as gzip', async () => {
    const names = await readdir(join(folder, VERSION), { recursive: true });
    const pages = names.filter((name) => name.endsWith('.html') && !name.startsWith('seal/'));
    const weights = await Promise.all(pages.map(async (name) => ({ name, bytes: await size(name) })));
    const shared = (await size('site.css')) + (await size('site.js'));
    console.log(
      `shared ${shared}, search ${await size('search.js')} + ${await size('search.json')}, heaviest page ${Math.max(...weights.map(({ bytes }) => bytes))}`,
    );
    expect(weights.filter(({ bytes }) => bytes > 40 * KIB)).toEqual([]);
    expect(shared).toBeLessThan(6 * KIB);
    expect(await size('search.js')).toBeLessThan(10 * KIB);
    expect(await size('search.json')).toBeLessThan(400 * KIB);
  });
});
