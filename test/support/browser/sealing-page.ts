import { readFile } from 'node:fs/promises';
import type { Download, Locator, Page } from 'playwright-core';

/** What a person types into the form. */
interface Typed {
  readonly name?: string;
  readonly namespace?: string;
  readonly items?: Readonly<Record<string, string>>;
}

/** The sealing page in English, used as a person uses it: by what its parts are called. */
export class SealingPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The page at an address, once its form is there. */
  static async at(page: Page, url: string): Promise<SealingPage> {
    await page.goto(url);
    await page.getByRole('button', { name: 'Seal', exact: true }).waitFor();
    return new SealingPage(page);
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Pastes certificates, and waits until as many clusters are there. */
  async addCertificate(text: string, clusters = 1): Promise<void> {
    await this.page.getByLabel('Paste a certificate, or drop a file').fill(text);
    await this.page
      .getByLabel('Name of the cluster')
      .nth(clusters - 1)
      .waitFor();
  }

  /** Types with the keyboard, one key after the other. */
  async type({ name, namespace, items = {} }: Typed): Promise<void> {
    if (name !== undefined) await this.page.getByLabel('Name', { exact: true }).pressSequentially(name);
    if (namespace !== undefined)
      await this.page.getByLabel('Namespace', { exact: true }).pressSequentially(namespace);
    for (const [at, [item, value]] of Object.entries(items).entries()) {
      if (at > 0) await this.button('Add an item').click();
      await this.page.getByLabel('Name of the item').last().pressSequentially(item);
      await this.page.getByLabel('Value', { exact: true }).last().pressSequentially(value);
    }
  }

  /** Opens a text that a person pastes or a file that a person chooses. */
  async load(text: string, file?: string): Promise<void> {
    await this.page.getByText('Start from a file').click();
    const zone = this.page.locator('.loader');
    if (file === undefined) {
      await zone.locator('textarea').fill(text);
      await zone.locator('textarea').blur();
    } else {
      await zone
        .locator('input[type=file]')
        .setInputFiles({ name: file, mimeType: '', buffer: Buffer.from(text) });
    }
  }

  /** Seals, and gives the texts that are shown. */
  async seal(): Promise<string[]> {
    await this.button('Seal').click();
    await this.page.getByRole('heading', { name: 'Your SealedSecret' }).waitFor();
    return this.page.locator('.result pre').allTextContents();
  }

  /** Downloads a file that was sealed. */
  async download(file: string): Promise<{ readonly name: string; readonly text: string }> {
    const started: Promise<Download> = this.page.waitForEvent('download');
    await this.button(`Download ${file}`).click();
    const download = await started;
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  }

  /** What the page says is wrong. */
  async problems(): Promise<string> {
    const alert = this.page.getByRole('alert');
    await alert.locator('p').first().waitFor();
    return (await alert.locator('p').allTextContents()).join('\n');
  }
}
