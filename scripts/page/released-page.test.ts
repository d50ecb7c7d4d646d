import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReleasedPage } from './released-page.ts';

const PAGE = 'sealing-page-1.2.3.html';
const BILL = 'sealing-page-1.2.3.cdx.json';
const LICENSES = 'sealing-page-1.2.3-licenses.txt';

let directory: string;
let names: readonly string[];
const read = (name: string) => readFile(join(directory, name), 'utf8');
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-released-page-'));
  names = await writeReleasedPage(directory, '1.2.3');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the sealing page of a release', () => {
  it('is one file that asks for no other, with what others contributed beside it', async () => {
    expect([...names].sort()).toEqual([LICENSES, BILL, PAGE]);
    expect((await readdir(directory)).sort()).toEqual([LICENSES, BILL, PAGE]);
    const page = await read(PAGE);
    expect(page).toContain(`content="default-src 'none'; script-src 'sha256-`);
    expect(page.match(/<(?:script|link|img|meta)\b[^>]*(?:src|href)="(?!data:)[^"]*"/g)).toBe(null);
  });
  it('has a licence for each component that its bill of materials lists', async () => {
    const bill = JSON.parse(await read(BILL));
    expect(bill.metadata.component).toMatchObject({ name: 'sealing-page', version: '1.2.3' });
    const components: readonly { name: string; version: string }[] = bill.components;
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(['hpke', 'yaml']));
    const licenses = await read(LICENSES);
    for (const { name, version } of components) expect(licenses).toContain(`\n${name} ${version}\n`);
  });
  it('has the same bytes when it is made again', async () => {
    const again = await mkdtemp(join(tmpdir(), 'fuin-released-page-'));
    await writeReleasedPage(again, '1.2.3');
    for (const name of names) expect(await readFile(join(again, name), 'utf8')).toBe(await read(name));
    await rm(again, { recursive: true });
  });
});
