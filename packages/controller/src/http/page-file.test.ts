import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pageFile } from './page-file.ts';

/** A folder with the page at this path; gives the URL of a file in it. */
async function folderWith(page: string): Promise<(program: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), 'fuin-page-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(dirname(join(folder, page)), { recursive: true });
  await writeFile(join(folder, page), '<p>page</p>');
  return (program) => pathToFileURL(join(folder, program)).href;
}

describe('pageFile', () => {
  it.each([
    ['a bundle is beside it', 'controller.html', 'main.mjs'],
    [
      'source code is where the build puts it',
      'web/dist/controller.html',
      'controller/src/http/page-file.ts',
    ],
  ])('the page of %s', async (_what, page, program) => {
    const urlOf = await folderWith(page);
    expect(await pageFile(urlOf(program))()).toBe('<p>page</p>');
  });
  it('refuses a program without the page, and says what to do', async () => {
    const urlOf = await folderWith('other.html');
    expect(() => pageFile(urlOf('main.mjs'))).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', hint: expect.stringContaining('pnpm run build web') }),
    );
  });
});
