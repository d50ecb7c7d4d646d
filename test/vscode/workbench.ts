import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { eventually } from '../support/time/eventually.ts';
import { PATIENCE_MS } from '../support/time/patience.ts';

/** Where a window is opened. */
export interface Opened {
  readonly url: string;
  /** The folder that it shows. */
  readonly folder: string;
  readonly isTrusted: boolean;
}

/** An editor window, used by its keyboard and by what its parts are called. */
export class Workbench {
  readonly page: Page;
  readonly #folder: string;

  private constructor(page: Page, folder: string) {
    this.page = page;
    this.#folder = folder;
  }

  /** The window at an address. It is restricted until a person trusts the folder. */
  static async at(page: Page, { url, folder, isTrusted }: Opened): Promise<Workbench> {
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(url, { waitUntil: 'commit' });
    const banner = page.getByText('Restricted Mode is intended');
    await banner.waitFor();
    if (isTrusted) {
      await page.getByRole('button', { name: 'Manage', exact: true }).first().click();
      await page.getByRole('button', { name: 'Trust', exact: true }).click();
      await banner.waitFor({ state: 'hidden' });
      const dialog = page.getByText('You trust this folder');
      await dialog.waitFor();
      await page
        .locator('[class*=modal]')
        .getByRole('button', { name: /^Close/ })
        .first()
        .click();
      await dialog.waitFor({ state: 'hidden' });
    }
    return new Workbench(page, folder);
  }

  /** Opens a file of the folder, and waits until its text is there. */
  async openFile(name: string): Promise<void> {
    const entry = this.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: name });
    await entry.first().dblclick();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  /** Runs a command of the palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.choose(`>${title}`);
  }

  /** Takes the first choice that fits a text. */
  async choose(text: string): Promise<void> {
    await this.#box.fill(text);
    await this.#rows
      .filter({ hasText: text.replace(/^>|^.*\//, '') })
      .first()
      .waitFor();
    await this.#box.press('Enter');
  }

  /** Types into a box that hides what is typed. */
  async typeHidden(text: string): Promise<void> {
    const box = this.page.locator('.quick-input-widget input[type=password]');
    await box.fill(text);
    await box.press('Enter');
  }

  /** Waits for a notification that has these words, and gives all of it. */
  async notification(words: string): Promise<string> {
    const found = this.page.locator('.notification-list-item-message').filter({ hasText: words }).first();
    await found.waitFor();
    return (await found.textContent()) ?? '';
  }

  /** Everything that notifications say now. */
  notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item-message').allInnerTexts();
  }

  /** Waits until the view of problems has these words. */
  async problem(words: string): Promise<void> {
    await this.command('Problems: Focus on Problems View');
    await this.page.locator('.markers-panel').getByText(words).first().waitFor();
    await this.page.keyboard.press('Control+1'); // back to the text
  }

  /** Saves the changed text until the file has it, and gives the file. */
  async save(name: string): Promise<string> {
    const file = join(this.#folder, name);
    const before = await readFile(file, 'utf8');
    return eventually(`a change of ${name}`, async () => {
      await this.page.keyboard.press('Control+S');
      const now = await readFile(file, 'utf8');
      return now === '' || now === before ? undefined : now;
    });
  }

  get #box() {
    return this.page
      .locator('.quick-input-widget input.input:visible, .quick-input-widget input[type=text]:visible')
      .first();
  }

  get #rows() {
    return this.page.locator('.quick-input-list .monaco-list-row');
  }
}
