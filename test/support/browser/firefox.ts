import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, launch } from 'puppeteer-core';

/** Debian package firefox-esr. */
export const FIREFOX = '/usr/bin/firefox-esr';

/** A Firefox, and a folder that goes with it. */
export interface OpenFirefox {
  readonly browser: Browser;
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts a stock Firefox without a past, over WebDriver BiDi. */
export async function openFirefox(): Promise<OpenFirefox> {
  const folder = await mkdtemp(join(tmpdir(), 'firefox-'));
  const browser = await launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    userDataDir: join(folder, 'profile'),
    env: { ...process.env, HOME: folder },
    extraPrefsFirefox: { 'intl.locale.requested': 'en-US', 'intl.accept_languages': 'en' },
  });
  const close = async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { browser, folder, close };
}
