import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAMS, type Program, writeScripts } from '../executable/scripts.ts';
import { type Component, executableComponents, goComponents } from './components.ts';
import { ALLOWED_LICENSES, formatNotices, refusedLicenses } from './notices.ts';
import { formatSbom } from './sbom.ts';

const root = join(import.meta.dirname, '../..');
/** How pnpm names the folder of a package, which is not how components.ts finds it. */
const PNPM_FOLDER = /\/\.pnpm\/((?:@[^+/]+\+)?[^@/]+)@([^/_(]+)/;

const component = (license: string): Component => ({ name: 'a', version: '1', license, purl: '', text: '' });

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-licenses-test-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(Object.values(PROGRAMS))('the executable of $name', (program: Program) => {
  let modules: readonly string[];
  let components: readonly Component[];
  beforeAll(async () => {
    modules = (await writeScripts(program, join(directory, program.name))).modules;
    components = await executableComponents(modules);
  });

  it('holds nothing whose licence is not allowed', () => {
    expect(refusedLicenses(components, ALLOWED_LICENSES)).toEqual([]);
  });

  it('names every package that was bundled, with its licence, in the notices and in the bill of materials', () => {
    const folders = modules.flatMap((id) => PNPM_FOLDER.exec(id)?.slice(1, 3).join(' ') ?? []);
    const bundled = new Set(folders.map((folder) => folder.replace('+', '/')));
    expect(bundled.size).toBeGreaterThanOrEqual(2);
    const notices = formatNotices(program.name, components);
    const subject = { name: program.name, version: '1', type: 'application', platform: 'any' } as const;
    const bill: { components: { purl: string }[] } = JSON.parse(formatSbom(subject, components));
    const purls = bill.components.map(({ purl }) => decodeURIComponent(purl));
    for (const title of bundled) {
      expect(notices).toContain(`\n${title}\n`);
      expect(purls).toContain(`pkg:npm/${title.replace(' ', '@')}`);
    }
    // its runtime, Node, Go and its modules
    const expected = bundled.size + 'rolldown node'.split(' ').length + 12;
    expect(purls).toHaveLength(expected);
    expect(components.filter(({ text }) => text.length < 200)).toEqual([]);
  });
});

describe('what the template engine is compiled from', () => {
  it('is every module of its go.mod, in the version that is there', async () => {
    const goMod = await readFile(join(root, 'packages/go-template/go/go.mod'), 'utf8');
    const required = [...goMod.matchAll(/^(?:require)?\s+(\S+\.\S+\/\S+) (v\S+)/gm)];
    const listed = (await goComponents()).filter(({ name }) => name !== 'stdlib');
    expect(listed.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
      required.map(([, name, version]) => `${name} ${version}`).sort(),
    );
  });

  it('is the Go that made it', async () => {
    const record = await readFile(join(root, 'packages/go-template/src/go-template.wasm.json'), 'utf8');
    const [stdlib] = (await goComponents()).filter(({ name }) => name === 'stdlib');
    expect(`go${stdlib?.version.slice(1)}`).toBe(JSON.parse(record).goVersion);
  });
});

describe('refusedLicenses', () => {
  it.each(['MIT', '(BSD-3-Clause OR GPL-2.0)', 'GPL-2.0 OR MIT', 'MIT AND ISC'])(
    'lets %s pass',
    (license) => {
      expect(refusedLicenses([component(license)], ALLOWED_LICENSES)).toEqual([]);
    },
  );
  it.each(['GPL-3.0-only', 'MIT AND GPL-2.0', 'UNLICENSED', 'SEE LICENSE IN x', ''])(
    'names %s',
    (license) => {
      expect(refusedLicenses([component(license)], ALLOWED_LICENSES)).toEqual([`a 1: ${license}`]);
    },
  );
  it('names a package that says nothing', () => {
    const silent = { ...component(''), license: undefined as unknown as string };
    expect(refusedLicenses([silent], ALLOWED_LICENSES)).toEqual(['a 1: undefined']);
  });
});
