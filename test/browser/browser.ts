import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildCryptoCore } from '../../scripts/bundle/bundle.ts';
import { openChromium } from './chromium.ts';

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>`;
const SCRIPT = `
import * as core from '/index.js';
import * as x509 from '/x509.js';
import * as v2 from '/v2.js';
globalThis.fuin = { core, x509, v2 };
`;

/** A page in which `globalThis.fuin` holds crypto-core's entries as they ship. */
export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

/** Builds crypto-core, serves the bundle on loopback and opens it in a Chromium without a past. */
export async function openPage(): Promise<OpenPage> {
  const browser = await openChromium();
  const bundle = join(browser.folder, 'bundle');
  await buildCryptoCore(bundle);
  const server = await serve(bundle);
  const page = await browser.context.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('globalThis.fuin !== undefined');
  const close = async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  };
  return { page, close };
}

/** Files of one folder and the page; the policy forbids eval, inline scripts and other origins. */
async function serve(folder: string): Promise<Server> {
  const server = createServer(async ({ url = '/' }, response) => {
    const fixed: Readonly<Record<string, string>> = { '/': PAGE, '/page.js': SCRIPT };
    const body = fixed[url] ?? (await readFile(join(folder, basename(url))).catch(() => undefined));
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': url === '/' ? 'text/html' : 'text/javascript',
      'content-security-policy': "default-src 'self'",
    });
    response.end(body);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return server;
}
