import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../packages/web/src/texts/languages.ts';
import type { SealingPage } from '../support/browser/sealing-page.ts';
import { readVector } from '../vectors/read.ts';
import { findings } from './axe.ts';
import { BuiltPage, isSkipped } from './built-page.ts';

const CERTIFICATE = readVector('x509/rsa-a.crt');
const FIRST_LIMIT = 20 * 1024;
const V2_LIMIT = 45 * 1024;

let built: BuiltPage;
beforeAll(async () => {
  if (!isSkipped) built = await BuiltPage.open();
});
afterAll(() => built?.close());

async function sealed(): Promise<SealingPage> {
  const page = await built.newPage();
  await page.addCertificate(CERTIFICATE);
  await page.type({ name: 'db', namespace: 'shop', items: { password: 'hunter2' } });
  for (const part of ['Start from a file', 'Labels, annotations, templates', 'Preview of the Secret'])
    await page.page.getByText(part, { exact: true }).click();
  for (const add of ['Add a label', 'Add an annotation', 'Add a template']) {
    await page.button(add).click();
    await page.page.keyboard.type('a');
  }
  await page.seal();
  return page;
}

const LOOKS = Object.keys(LANGUAGES).flatMap((language) =>
  (['light', 'dark'] as const).map((scheme) => [language as Language, scheme] as const),
);

describe.skipIf(isSkipped)('the page for everybody', () => {
  it.each(LOOKS)('has no finding of axe-core in the language %s, %s', async (language, scheme) => {
    const page = await sealed();
    await page.page.emulateMedia({ colorScheme: scheme });
    await page.page.locator('header select').selectOption(language);
    await page.page.waitForFunction((code) => document.documentElement.lang === code, language);
    expect(await findings(page.page)).toEqual([]);
    await page.page.locator('.two input').first().fill('');
    await page.page.locator('.main').first().click();
    await page.page.getByRole('alert').locator('p').first().waitFor();
    expect(await findings(page.page)).toEqual([]);
  });
  it.each(LOOKS)(
    'needs no scrolling to the side at 320 pixels in the language %s, %s',
    async (language, scheme) => {
      const page = await sealed();
      await page.page.setViewportSize({ width: 320, height: 700 });
      await page.page.emulateMedia({ colorScheme: scheme });
      await page.page.locator('header select').selectOption(language);
      await page.page.waitForFunction((code) => document.documentElement.lang === code, language);
      expect(await page.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    },
  );
  it('seals with the keyboard alone, in the order in which it reads', async () => {
    const { page } = await built.newPage();
    const { keyboard } = page;
    const tabTo = async (name: string | RegExp, role: 'button' | 'textbox' = 'textbox') => {
      const target = page.getByRole(role, { name, exact: true }).first();
      for (let count = 0; count < 30; count += 1) {
        await keyboard.press('Tab');
        if (await target.evaluate((element) => element === document.activeElement)) return;
      }
      throw new Error(`no way to ${name}`);
    };
    await tabTo('Paste a certificate, or drop a file');
    await keyboard.insertText(CERTIFICATE);
    await page.getByText('SHA256:').waitFor();
    await tabTo('Name');
    await keyboard.type('db');
    await tabTo('Namespace');
    await keyboard.type('shop');
    await tabTo('Name of the item');
    await keyboard.type('password');
    await tabTo('Value');
    await keyboard.type('hunter2');
    await tabTo('Seal', 'button');
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your SealedSecret' }).waitFor();
    await tabTo('Download db.yaml', 'button');
  });
  it('leads to the first field that is wrong', async () => {
    const page = await built.newPage();
    await page.addCertificate(CERTIFICATE);
    await page.button('Seal').click();
    expect(await page.problems()).toContain('Give the Secret a name');
    expect(await page.page.evaluate(() => document.activeElement?.closest('label')?.textContent)).toBe(
      'Name',
    );
  });
  it('speaks the language of the browser before it shows anything, and nothing moves', async () => {
    const german = await BuiltPage.open({ locale: 'de-DE' });
    try {
      const tab = await german.newTab();
      await tab.addInitScript(() => {
        const shifts: number[] = [];
        const texts = new Set<string>();
        Object.assign(globalThis, { shifts, texts });
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            shifts.push((entry as PerformanceEntry & { value: number }).value);
        }).observe({ type: 'layout-shift', buffered: true });
        const look = () => {
          const title = document.querySelector('h1')?.textContent;
          if (title) texts.add(title);
          requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      await tab.goto(german.server.url);
      await tab.getByRole('button', { name: 'Versiegeln' }).waitFor();
      await tab.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
      expect(await tab.evaluate(() => Reflect.get(globalThis, 'shifts'))).toEqual([]);
      expect(await tab.evaluate(() => [...Reflect.get(globalThis, 'texts')])).toEqual([
        'Ein Secret versiegeln',
      ]);
      const paint = await tab.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
      );
      console.log(`first paint after ${Math.round(paint ?? 0)} ms`);
    } finally {
      await german.close();
    }
  });
});

describe.skipIf(isSkipped)('the size of the page', () => {
  it('is at most 20 KiB of script for a seal, and 45 KiB with format v2, as gzip', async () => {
    const index = await readFile(join(built.folder, 'index.html'), 'utf8');
    const names = [
      ...new Set([...index.matchAll(/"\.\/([\w-]+\.(?:js|css))"/g)].map(([, name = '']) => name)),
    ];
    const sizes = new Map(
      await Promise.all(
        names.map(
          async (name) =>
            [name, gzipSync(await readFile(join(built.folder, name)), { level: 9 }).length] as const,
        ),
      ),
    );
    const sum = (pattern: RegExp) =>
      [...sizes].filter(([name]) => pattern.test(name)).reduce((total, [, size]) => total + size, 0);
    console.log([...sizes, ['index.html', gzipSync(index, { level: 9 }).length]].map(String).join('  '));
    expect(sum(/^page-.*js$/)).toBeLessThanOrEqual(FIRST_LIMIT);
    // with HPKE, and with the KEM in JavaScript, which browsers that have it do not load
    expect(sum(/^(?:page|x-wing|hpke|noble-kem)-.*js$/)).toBeLessThanOrEqual(V2_LIMIT);
    expect([...sizes.keys()].join()).toMatch(/noble-kem-/);
  });
});
