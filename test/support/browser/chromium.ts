import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/**
 * Whether tests with a browser are skipped, which is announced: only where there is none, and never in CI.
 *
 * @param what the tests are about
 * @param program of the browser, by the name of its package
 */
export function isBrowserMissing(what: string, program = CHROMIUM): boolean {
  if (existsSync(program)) return false;
  const isRequired = process.env['CI'] === 'true';
  const name = basename(program);
  console.warn(`${what}: ${isRequired ? 'failing' : 'skipped'}: no ${program} (Debian package ${name})`);
  return !isRequired;
}

/** A Chromium, and a folder that goes with it. */
export interface OpenBrowser {
  readonly context: BrowserContext;
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * Starts a Chromium without a past.
 *
 * @param trusted an http origin that counts as safe, as it would behind https
 */
export async function openChromium(
  options: BrowserContextOptions = {},
  trusted?: string,
): Promise<OpenBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: CHROMIUM,
    args: [
      ...FLAGS.split(' '),
      ...(trusted === undefined ? [] : [`--unsafely-treat-insecure-origin-as-secure=${trusted}`]),
    ],
    ...options,
  });
  const close = async () => {
    await context.close();
    await rm(folder, { recursive: true });
  };
  return { context, folder, close };
}
