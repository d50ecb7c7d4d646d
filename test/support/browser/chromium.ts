import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** Why there is no browser here; undefined when there is one. */
export const browserProblem = existsSync(CHROMIUM) ? undefined : `no ${CHROMIUM} (Debian package chromium)`;

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
