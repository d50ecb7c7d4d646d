import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealingPage } from '../support/browser/sealing-page.ts';
import { readVector } from '../vectors/read.ts';
import { BuiltPage } from './built-page.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');

/** One picture of docs/web.md: how the page is looked at, and what is done before. */
interface Picture {
  readonly name: string;
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  act(page: SealingPage): Promise<void>;
}

/** What a person has typed in the pictures. */
async function fill(page: SealingPage): Promise<void> {
  await page.addCertificate(readVector('x509/rsa-a.crt'));
  await page.page.locator('.clusters input').fill('production');
  await page.type({ name: 'db', namespace: 'shop', items: { user: 'ann', password: 'correct-horse' } });
}

const PICTURES: readonly Picture[] = [
  { name: 'web-form', width: 880, scheme: 'light', act: fill },
  {
    name: 'web-sealed',
    width: 880,
    scheme: 'dark',
    act: async (page) => {
      await fill(page);
      await page.seal();
    },
  },
  {
    name: 'web-changing',
    width: 880,
    scheme: 'light',
    act: async (page) => {
      await fill(page);
      const [sealed = ''] = await page.seal();
      await page.load(sealed, 'db.yaml');
      await page.page.getByText('You are changing').waitFor();
      await page.page.getByRole('button', { name: 'Replace' }).first().click();
      await page.page.getByLabel('Value', { exact: true }).fill('battery-staple');
    },
  },
  {
    name: 'web-narrow',
    width: 320,
    scheme: 'dark',
    act: async (page) => {
      await fill(page);
      await page.page.getByLabel('Language').selectOption('Deutsch');
      await page.page.getByText('Versiegeln', { exact: true }).waitFor();
    },
  },
];

/** `node test/browser/screenshots.ts`: takes the pictures of docs/web.md. */
await mkdir(IMAGES, { recursive: true });
const built = await BuiltPage.open({ locale: 'en', reducedMotion: 'reduce' });
try {
  for (const { name, width, scheme, act } of PICTURES) {
    const page = await built.newPage();
    await page.page.setViewportSize({ width, height: 900 });
    await page.page.emulateMedia({ colorScheme: scheme });
    await act(page);
    await page.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.page.screenshot({ path: join(IMAGES, `${name}.png`), fullPage: true });
  }
} finally {
  await built.close();
}
