import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../support/time/eventually.ts';
import { PATIENCE_MS } from '../support/time/patience.ts';

/** Where a window is opened. */
export interface Opened {
  readonly url: string;
  /** The folder that it shows. */
  readonly folder: string;
  readonly isTrusted: boolean;
}

/** How long a key may take to show something before it counts as lost. */
const KEY_MS = 5_000;

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

  /** Opens a file of the folder, and waits until its text is there. @param name all of it, or a part */
  async openFile(name: string): Promise<void> {
    const entry = this.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: name });
    await entry.first().dblclick();
    await this.#editor(name).locator('.view-line').first().waitFor();
  }

  /** Puts the cursor into the text. Lines and columns are counted from 1. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.#openPalette();
    await this.#box.fill(`:${line}:${column}`);
    await this.#box.press('Enter');
    await this.#box.waitFor({ state: 'hidden' });
    await this.page.getByText(`Ln ${line}, Col ${column}`, { exact: true }).waitFor();
  }

  /** Types at the beginning of a text, also while a hidden value is asked for. */
  async prepend(name: string, words: string): Promise<void> {
    await this.#hiddenBox.waitFor();
    await this.#editor(name).locator('.native-edit-context, textarea.inputarea').first().focus();
    await this.page.keyboard.press('Control+Home');
    await this.page.keyboard.insertText(words); // at once, since VS Code may save meanwhile
    await this.shown(name, words.trim());
  }

  /** Takes what the light bulb offers for the line of the cursor. */
  async quickFix(title: string): Promise<void> {
    const fix = this.page.locator('.action-widget .monaco-list-row').filter({ hasText: title }).first();
    await this.#press(['Escape', 'Control+.'], fix); // there may be none yet
    await fix.click();
  }

  /** What the palette offers for some words, once it offers this. */
  async offered(words: string, certain: string): Promise<string[]> {
    await this.#openPalette();
    await this.#box.fill(`>${words}`);
    await this.#rows.filter({ hasText: certain }).first().waitFor();
    const titles = await this.#rows.allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** Waits until an editor shows these words, and gives what it shows. */
  async shown(name: string, words: string): Promise<string> {
    const lines = this.#editor(name).locator('.view-lines').filter({ hasText: words });
    await lines.waitFor();
    return (await lines.textContent()) ?? '';
  }

  /** How many links the notifications hold. */
  links(): Promise<number> {
    return this.page.locator('.notification-list-item-message a').count();
  }

  /** Runs a command of the palette. */
  async command(title: string): Promise<void> {
    await this.#openPalette();
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
    await this.#hiddenBox.fill(text);
    await this.#hiddenBox.press('Enter');
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

  /** What a file of the folder holds. */
  text(name: string): Promise<string> {
    return readFile(join(this.#folder, name), 'utf8');
  }

  /**
   * Saves until the file differs from what it held, and gives it. In a browser VS Code saves by itself after
   * a while, so that only the caller knows what it held.
   */
  async save(name: string, before: string): Promise<string> {
    return eventually(`a change of ${name}`, async () => {
      await this.page.keyboard.press('Control+S');
      const now = await this.text(name);
      return now === '' || now === before ? undefined : now;
    });
  }

  /** Not before the last one is closed, which would take the words. */
  async #openPalette(): Promise<void> {
    await this.#box.waitFor({ state: 'hidden' });
    await this.#press(['F1'], this.#box);
  }

  /** Presses keys until they show something: the window drops a key that comes while it is busy. */
  async #press(keys: readonly string[], effect: Locator): Promise<void> {
    await eventually(`what ${keys.join(' ')} shows`, async () => {
      for (const key of keys) await this.page.keyboard.press(key);
      return effect.waitFor({ timeout: KEY_MS }).then(
        () => true,
        () => undefined,
      );
    });
  }

  #editor(name: string) {
    return this.page.locator(`.editor-instance .monaco-editor[data-uri*="${name}"]`).first();
  }

  get #hiddenBox() {
    return this.page.locator('.quick-input-widget input[type=password]');
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
