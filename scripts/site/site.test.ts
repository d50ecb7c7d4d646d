import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER } from '../owner.ts';
import { writeDocumentation } from './archive.ts';
import { assembleSite } from './assemble.ts';
import { buildSite } from './build-site.ts';
import { findBrokenLinks } from './check-links.ts';
import { sortVersions, versionsHtml, writeVersions } from './versions.ts';

const FILLED = { ...OWNER, repository: 'https://git.example.org/team/fuin' };

let directory: string;
const read = (...path: readonly string[]) => readFile(join(directory, ...path), 'utf8');
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-site-'));
  await buildSite(join(directory, 'site'), '1.2.3');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the built site', () => {
  it('has no link that leads nowhere, anchors counted', async () => {
    expect(await findBrokenLinks(join(directory, 'site'))).toEqual([]);
  });
  it('has the same bytes when it is made again', async () => {
    await buildSite(join(directory, 'again'), '1.2.3');
    const names = (await readdir(join(directory, 'site'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(directory, 'site').length + 1));
    expect(names.length).toBeGreaterThan(90);
    for (const name of names) expect(await read('again', name)).toBe(await read('site', name));
  });
  it('leads to the repository only where somebody publishes it', async () => {
    expect(await read('site/1.2.3/guides/flux.html')).not.toContain('https://localhost');
    await buildSite(join(directory, 'filled'), '1.2.3', FILLED);
    expect(await read('filled/1.2.3/guides/flux.html')).toContain(
      'href="https://git.example.org/team/fuin/blob/v1.2.3/examples/flux/shop.yaml"',
    );
  });
  it('has no script and no style in a page', async () => {
    const page = await read('site/1.2.3/commands/check.html');
    expect(page).toContain(`content="default-src 'none'; script-src 'self'; style-src 'self'`);
    expect(page).not.toMatch(/<style|style="|<script(?! type="module" src=)| on\w+="/);
  });
});

describe('links of built pages', () => {
  it('are found where they lead nowhere', async () => {
    const folder = join(directory, 'broken/sub');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'b.html'), '<h2 id="there">x</h2>');
    const good =
      '<a href="sub/b.html#there">x</a><a href="#own" id="own">x</a><a href="https://example.org">x</a>';
    const bad =
      '<a class="x" href="sub/b.html#gone">x</a><img src="no.png"><a href="sub/c.html">x</a><a href="#no">x</a>';
    await writeFile(join(directory, 'broken/a.html'), good + bad);
    const broken = await findBrokenLinks(join(directory, 'broken'));
    expect(broken.map(({ target }) => target)).toEqual(['sub/b.html#gone', 'no.png', 'sub/c.html', '#no']);
  });
});

describe('the versions of the site', () => {
  it('are the folders named like one, the newest first', () => {
    expect(sortVersions(['1.9.0', 'images', '1.10.0', '0.1.0', '1.9.10', 'v2.0.0', '1.9'])).toEqual([
      '1.10.0',
      '1.9.10',
      '1.9.0',
      '0.1.0',
    ]);
  });
  it('come together from the archives of all releases', async () => {
    const archives = join(directory, 'archives');
    await mkdir(archives);
    expect(await writeDocumentation(archives, '1.2.3', OWNER)).toBe('documentation-1.2.3.tar.gz');
    await writeDocumentation(archives, '1.10.0', OWNER);
    await writeFile(join(archives, 'kubeseal-1.2.3-linux-amd64.tar.gz'), 'no documentation');
    const outDir = join(directory, 'public');
    expect(await assembleSite(archives, outDir)).toEqual(['1.10.0', '1.2.3']);
    expect(await findBrokenLinks(outDir)).toEqual([]);
    expect(await read('public/1.2.3/web.html')).toBe(await read('site/1.2.3/web.html'));
  });
  it('are listed above them, for people and for the pages', async () => {
    const html = versionsHtml(['1.10.0', '1.9.0']);
    expect(html.indexOf('1.10.0/index.html')).toBeLessThan(html.indexOf('1.9.0/index.html'));
    expect(JSON.parse(await read('site/versions.json'))).toEqual(['1.2.3']);
    await mkdir(join(directory, 'none'));
    await expect(writeVersions(join(directory, 'none'))).rejects.toThrow('no folder of a version');
  });
});
