import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../vectors/read.ts';
import { BuiltPage, isSkipped } from './built-page.ts';

const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {a: hunter2}\n';
const COPY = 1;

let built: BuiltPage;
beforeAll(async () => {
  if (!isSkipped) built = await BuiltPage.open();
});
afterAll(() => built?.close());

/** Drags a file of the disk over a part of the page and lets it go: the browser makes the events. */
async function drop(page: Page, part: Locator, name: string, content: string | Buffer): Promise<void> {
  const path = join(built.browser.folder, name);
  await writeFile(path, content);
  await part.scrollIntoViewIfNeeded();
  const box = await part.boundingBox();
  if (!box) throw new Error('the part is not shown');
  const input = await built.browser.context.newCDPSession(page);
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: [path], dragOperationsMask: COPY };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await input.send('Input.dispatchDragEvent', { type, ...place, data });
}

describe.skipIf(isSkipped)('a file that a person drops', () => {
  it.each(['folder', 'file'])(
    'is a certificate, a Secret, the value of an item; the page is a %s',
    async (form) => {
      const page = await built.newPage(form === 'folder' ? built.server.url : built.fileUrl);
      const tab = page.page;
      await tab.evaluate(() => {
        const drops: boolean[] = [];
        Object.assign(globalThis, { drops });
        document.addEventListener('drop', ({ isTrusted }) => drops.push(isTrusted), { capture: true });
      });
      await drop(
        tab,
        tab.locator('.clusters .zone, .zone').first(),
        'cert.pem',
        readVector('x509/rsa-a.crt'),
      );
      await tab.getByText('SHA256:').waitFor();
      await tab.getByText('Start from a file').click();
      await drop(tab, tab.locator('.loader'), 'secret.yaml', SECRET);
      await expect.poll(() => tab.getByLabel('Name', { exact: true }).inputValue()).toBe('db');
      await drop(tab, tab.locator('.item').first(), 'key.bin', Buffer.from([0, 255, 1, 254]));
      await tab.getByText('key.bin').waitFor();
      expect(await page.seal()).toEqual([expect.stringContaining('kind: SealedSecret')]);
      expect(await tab.evaluate(() => Reflect.get(globalThis, 'drops'))).toEqual([true, true, true]);
    },
  );
  it('beside every field does not replace the page', async () => {
    const page = await built.newPage(built.server.url);
    await page.type({ name: 'db' });
    await drop(page.page, page.page.locator('h1'), 'other.html', '<title>Another page</title>');
    await page.type({ namespace: 'shop' });
    expect(page.page.url()).toBe(built.server.url);
    expect(await page.page.getByLabel('Name', { exact: true }).inputValue()).toBe('db');
  });
});
