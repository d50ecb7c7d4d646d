import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { SealingPage } from '../../support/browser/sealing-page.ts';
import { readVector } from '../../vectors/read.ts';
import { BuiltPage } from '../built-page.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What decides how the page looks, and what is done before a picture is taken. */
const SEEN = [
  'packages/web/src/{styles,texts,view}/**/*.{ts,css}',
  'scripts/page/html.ts',
  'test/browser/pictures/pictures.ts',
];
const EDGE = 16;

/** One picture of docs/web.md: how the page is looked at, what is done before, and which part is shown. */
export interface Picture {
  readonly name: string;
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  act(page: SealingPage): Promise<void>;
  /** The parts that are shown, from the first to the last; the whole page where there is none. */
  parts?(page: SealingPage): readonly Locator[];
}

/** What a person has typed in the pictures. */
async function fill(page: SealingPage): Promise<void> {
  await page.addCertificate(readVector('x509/rsa-a.crt'));
  await page.page.locator('.clusters input').fill('production');
  await page.type({ name: 'db', namespace: 'shop', items: { user: 'ann', password: 'correct-horse' } });
}

/** From the title to the name of the Secret and who may open it. */
const untilSecret = (page: SealingPage) => [page.page.locator('header'), page.page.locator('.card').nth(1)];

/** Every picture that docs/web.md shows. */
export const PICTURES: readonly Picture[] = [
  { name: 'web-form', width: 880, scheme: 'light', act: fill, parts: untilSecret },
  {
    name: 'web-sealed',
    width: 880,
    scheme: 'dark',
    act: async (page) => {
      await fill(page);
      await page.seal();
    },
    parts: (page) => [page.button('Seal'), page.page.locator('.result')],
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
    parts: (page) => [page.page.locator('.card').nth(2), page.button('Seal')],
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
    parts: untilSecret,
  },
];

/** Takes every picture, as PNG, in the browser of this machine. */
export async function takePictures(save: (picture: Picture, png: Buffer) => Promise<void>): Promise<void> {
  const built = await BuiltPage.open({ locale: 'en', reducedMotion: 'reduce' });
  try {
    for (const picture of PICTURES) {
      const page = await built.newPage();
      await page.page.setViewportSize({ width: picture.width, height: 900 });
      await page.page.emulateMedia({ colorScheme: picture.scheme });
      await picture.act(page);
      await page.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await page.page.evaluate(() => scrollTo(0, 0));
      const clip = await clipOf(picture.parts?.(page) ?? [], picture.width);
      await save(picture, await page.page.screenshot({ fullPage: true, ...(clip ? { clip } : {}) }));
    }
  } finally {
    await built.close();
  }
}

/** The whole width, from above the first part to below the last. */
async function clipOf(parts: readonly Locator[], width: number) {
  const boxes = (await Promise.all(parts.map((part) => part.boundingBox()))).filter((box) => box !== null);
  if (boxes.length === 0) return undefined;
  const top = Math.min(...boxes.map(({ y }) => y)) - EDGE;
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + EDGE;
  return { x: 0, y: Math.floor(top), width, height: Math.ceil(bottom - top) };
}

/** A hash of what decides how the pictures look. */
export function fingerprintOfPictures(): string {
  const hash = createHash('sha256');
  const files = globSync(SEEN, { cwd: ROOT }).sort();
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}
