import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { buildCryptoCore } from '../../scripts/bundle/bundle.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const PAGE = `<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>`;
const SCRIPT = `
import * as core from '/index.js';
import * as x509 from '/x509.js';
import * as v2 from '/v2.js';
globalThis.fuin = { core, x509, v2 };
`;

/** Why there is no browser here; undefined when there is one. */
export const browserProblem = existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM} (Debian package chromium)`;

/** A page in which `globalThis.fuin` holds crypto-core's entries as they ship. */
export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

/** Builds crypto-core, serves the bundle on loopback and opens it in a Chromium without a past. */
export async function openPage(): Promise<OpenPage> {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  const bundle = join(folder, 'bundle');
  await buildCryptoCore(bundle);
  const server = await serve(bundle);
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: CHROMIUM,
    args: FLAGS.split(' '),
  });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('globalThis.fuin !== undefined');
  const close = async () => {
    await context.close();
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
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
