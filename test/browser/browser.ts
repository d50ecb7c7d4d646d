import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildCryptoCore } from '../../scripts/bundle/bundle.ts';
import { openChromium } from '../support/browser/chromium.ts';
import { serveFolder } from '../support/folder-server.ts';

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>`;
const SCRIPT = `
import * as core from '/index.js';
import * as x509 from '/x509.js';
import * as v2 from '/v2.js';
globalThis.fuin = { core, x509, v2 };
`;

/** Runs in the page before its scripts. */
export function takeMlKemAway(): void {
  const { prototype } = SubtleCrypto;
  const isGone = (algorithm: unknown) => /ML-?KEM/i.test(String(Object(algorithm).name ?? algorithm));
  const gone = () => Promise.reject(new DOMException('a test took it away', 'NotSupportedError'));
  const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  for (const name of methods) {
    const own: unknown = Reflect.get(prototype, name);
    if (typeof own !== 'function') continue;
    const replaced = function (this: SubtleCrypto, ...given: unknown[]): unknown {
      return given.some(isGone) ? gone() : Reflect.apply(own, this, given);
    };
    Reflect.set(prototype, name, replaced);
  }
  const supports: unknown = Reflect.get(SubtleCrypto, 'supports');
  if (typeof supports === 'function')
    Reflect.set(SubtleCrypto, 'supports', (...given: unknown[]): unknown =>
      given.some(isGone) ? false : Reflect.apply(supports, SubtleCrypto, given),
    );
}

/** A page in which `globalThis.fuin` holds crypto-core's entries as they ship. */
export interface OpenPage {
  readonly page: Page;
  close(): Promise<void>;
}

/**
 * Builds crypto-core, serves the bundle on loopback and opens it in a Chromium without a past. The policy
 * forbids eval, inline scripts and other origins.
 *
 * @param hasMlKem false for a double of a browser whose Web Crypto does not have ML-KEM
 */
export async function openPage({ hasMlKem = true } = {}): Promise<OpenPage> {
  const browser = await openChromium();
  if (!hasMlKem) await browser.context.addInitScript(takeMlKemAway);
  const bundle = join(browser.folder, 'bundle');
  await buildCryptoCore(bundle);
  await writeFile(join(bundle, 'index.html'), PAGE);
  await writeFile(join(bundle, 'page.js'), SCRIPT);
  const server = await serveFolder(bundle, { 'content-security-policy': "default-src 'self'" });
  const page = await browser.context.newPage();
  await page.goto(server.url);
  await page.waitForFunction('globalThis.fuin !== undefined');
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { page, close };
}
