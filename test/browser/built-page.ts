import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { buildPage, PAGE_FILES } from '../../scripts/page/build-page.ts';
import { isBrowserMissing, type OpenBrowser, openChromium } from '../support/browser/chromium.ts';
import { SealingPage } from '../support/browser/sealing-page.ts';
import { type FolderServer, serveFolder } from '../support/folder-server.ts';

/** Whether tests of the page are skipped. */
export const isSkipped = isBrowserMissing('sealing page');

/** The sealing page as it ships, in both forms, and a browser. */
export class BuiltPage {
  readonly browser: OpenBrowser;
  /** Where the folder is served. */
  readonly server: FolderServer;
  /** Where the files are. */
  readonly folder: string;
  /** The one file, from the disk. */
  readonly fileUrl: string;

  private constructor(browser: OpenBrowser, server: FolderServer, folder: string) {
    this.browser = browser;
    this.server = server;
    this.folder = folder;
    this.fileUrl = pathToFileURL(join(folder, PAGE_FILES.single)).href;
  }

  /** Builds the page and starts the browser. */
  static async open(options: BrowserContextOptions = { locale: 'en' }): Promise<BuiltPage> {
    const browser = await openChromium(options);
    const folder = join(browser.folder, 'page');
    await buildPage(folder);
    return new BuiltPage(browser, await serveFolder(folder), folder);
  }

  /** A fresh tab with the page. */
  async newPage(url: string = this.fileUrl): Promise<SealingPage> {
    return SealingPage.at(await this.newTab(), url);
  }

  /** An empty tab. */
  newTab(): Promise<Page> {
    return this.browser.context.newPage();
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
  }
}
