import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  importKeyPair,
  KeyRing,
  parseSealedSecret,
  type SealedSecret,
  unsealSecret,
} from '@fuin/crypto-core';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildPage, PAGE_FILES } from '../../scripts/page/build-page.ts';
import { isBrowserMissing } from '../support/browser/chromium.ts';
import { FIREFOX, type OpenFirefox, openFirefox } from '../support/browser/firefox.ts';
import { type FolderServer, serveFolder } from '../support/folder-server.ts';
import { readVector } from '../vectors/read.ts';

const isSkipped = isBrowserMissing('sealing page in Firefox', FIREFOX);
const CERTIFICATE = readVector('x509/rsa-a.crt');
const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {a: hunter2}\n';

let firefox: OpenFirefox;
let server: FolderServer;
let folder: string;
beforeAll(async () => {
  if (isSkipped) return;
  firefox = await openFirefox();
  folder = join(firefox.folder, 'page');
  await buildPage(folder);
  server = await serveFolder(folder);
});
afterAll(async () => {
  await firefox?.close();
  server?.close();
});

const field = (page: Page, name: string) => page.locator(`::-p-aria([name="${name}"][role="textbox"])`);
const button = (page: Page, name: string) => page.locator(`::-p-aria([name="${name}"][role="button"])`);
const shown = (page: Page, text: string) => page.locator(`::-p-text(${text})`).wait();

/** A fresh tab with the page, and what it asks for and complains about from now on. */
async function open(form: string) {
  const page = await firefox.browser.newPage();
  const [asked, said]: [string[], string[]] = [[], []];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  const url = form === 'folder' ? server.url : pathToFileURL(join(folder, PAGE_FILES.single)).href;
  await page.goto(url, { waitUntil: 'load' });
  await button(page, 'Seal').wait();
  return { page, asked, said };
}

/** Types with the keyboard, one key after the other. */
async function type(page: Page, name: string, text: string): Promise<void> {
  await field(page, name).click();
  await page.keyboard.type(text);
}

/** Gives the page a certificate, and types a Secret with one item. */
async function typeSecret(page: Page, value: string): Promise<void> {
  await field(page, 'Paste a certificate, or drop a file').fill(CERTIFICATE);
  await page.keyboard.press('Tab');
  await shown(page, 'SHA256:');
  await type(page, 'Name', 'db');
  await type(page, 'Namespace', 'shop');
  await type(page, 'Name of the item', 'password');
  await type(page, 'Value', value);
}

async function sealed(page: Page): Promise<string> {
  await button(page, 'Seal').click();
  await shown(page, 'Your SealedSecret');
  return page.$eval('.result pre', (element) => element.textContent ?? '');
}

async function opened(text: string) {
  const ring = KeyRing.of(await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem')));
  return (await unsealSecret(parseSealedSecret(parse(text)) as SealedSecret, ring)).secret;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A drop made in the page: no protocol of Firefox moves a file of the disk over a page. */
async function drop(page: Page, selector: string, name: string, text: string): Promise<void> {
  await page.$eval(
    selector,
    (target, fileName, content) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName));
      for (const kind of ['dragenter', 'dragover', 'drop'])
        target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
    },
    name,
    text,
  );
}

describe.skipIf(isSkipped)('the sealing page in Firefox', () => {
  it.each(['folder', 'file'])('seals what a person types, and asks nobody, as a %s', async (form) => {
    const { page, asked, said } = await open(form);
    asked.length = 0;
    await typeSecret(page, 'hunter2 ünï');
    expect(await opened(await sealed(page))).toMatchObject({
      metadata: { name: 'db', namespace: 'shop' },
      data: { password: base64('hunter2 ünï') },
    });
    expect({ asked, said }).toEqual({ asked: [], said: [] });
    await page.close();
  });
  it('takes dropped and chosen files, and replaces an item of a SealedSecret', async () => {
    const { page, said } = await open('folder');
    await drop(page, '.zone', 'cert.pem', CERTIFICATE);
    await shown(page, 'SHA256:');
    await page.locator('::-p-text(Start from a file)').click();
    await drop(page, '.loader .zone', 'secret.yaml', SECRET);
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('.item .name')?.value === 'a');
    const first = await sealed(page);
    expect((await opened(first)).data).toEqual({ a: base64('hunter2') });
    const path = join(firefox.folder, 'db.yaml');
    await writeFile(path, `# a comment\n${first}`);
    const [input] = await page.$$('.loader input[type=file]');
    await input?.uploadFile(path);
    await shown(page, 'You are changing');
    await button(page, 'Replace').click();
    await type(page, 'Value', 'battery-staple');
    const second = await sealed(page);
    expect(second).toContain('# a comment');
    expect((await opened(second)).data).toEqual({ a: base64('battery-staple') });
    expect(said).toEqual([]);
    await page.close();
  });
  it('copies the result, which can be pasted', async () => {
    const { page } = await open('folder');
    await typeSecret(page, 'hunter2');
    const text = await sealed(page);
    await page.locator('.result ::-p-text(Copy)').click();
    await shown(page, 'Copied');
    await field(page, 'Value').click();
    await page.keyboard.down('Control');
    for (const key of ['a', 'v'] as const) await page.keyboard.press(key);
    await page.keyboard.up('Control');
    const pasted = () => page.$eval('.item textarea', (area) => (area as HTMLTextAreaElement).value);
    await expect.poll(pasted).toBe(text);
    await page.close();
  });
  it('does not run a script of which one byte is another', async () => {
    const index = await readFile(join(folder, 'index.html'), 'utf8');
    const [, name = ''] = /"\.\/(page-[\w-]+\.js)"/.exec(index) ?? [];
    const path = join(folder, name);
    const whole = await readFile(path, 'utf8');
    await writeFile(path, `${whole}\nglobalThis.evil = true;`);
    const page = await firefox.browser.newPage();
    await page.goto(server.url, { waitUntil: 'load' });
    expect(await page.evaluate(() => 'evil' in globalThis)).toBe(false);
    await writeFile(path, whole);
    await page.close();
  });
});
