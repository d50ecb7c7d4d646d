import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds on a page, in short. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (): Promise<axe.AxeResults> => Reflect.get(globalThis, 'axe').run(),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}
