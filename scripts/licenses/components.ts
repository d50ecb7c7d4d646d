import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const LICENSES = join(import.meta.dirname, 'texts');
const GO_LICENSES = join(root, 'packages/go-template/THIRD-PARTY-LICENSES.txt');
/** The folder of the innermost package that a module lies in; a bundler's own modules begin with NUL. */
const PACKAGE = /^[^\0].*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const LICENSE_FILES = '{LICENSE,LICENCE,License,Licence,license,licence,COPYING,NOTICE}*';

/** Something of others that ships inside one of our files. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** Package URL (https://github.com/package-url/purl-spec). */
  readonly purl: string;
  /** Copyright and licence, in full. */
  readonly text: string;
  /** What it is itself made of, as far as it says. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** What an executable holds: npm packages of its modules, the Go modules of the template engine, Node. */
export async function executableComponents(modules: readonly string[]): Promise<Component[]> {
  const [packages, engine, node] = await Promise.all([
    npmComponents(modules),
    goComponents(),
    nodeComponent(),
  ]);
  return [...packages, ...engine, node];
}

/** The npm packages that modules of a bundle come from; what the bundler itself adds counts as its own. */
export async function npmComponents(modules: readonly string[]): Promise<Component[]> {
  const folders = new Set(modules.flatMap((id) => PACKAGE.exec(id)?.[0] ?? []));
  if (modules.some((id) => id.startsWith('\0rolldown/'))) folders.add(join(root, 'node_modules/rolldown'));
  const components = await Promise.all([...folders].map(npmComponent));
  const byPurl = new Map(components.map((component) => [component.purl, component]));
  return [...byPurl.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

async function npmComponent(folder: string): Promise<Component> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest;
  const files = globSync(LICENSE_FILES, { cwd: folder }).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const text = texts.length > 0 ? texts.join('\n') : await standardText(manifest);
  return { name, version, license, purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, text };
}

/** Packages that name a licence without its text get the common text. @throws Error where there is none */
async function standardText({ name, author, license }: Readonly<Record<string, unknown>>): Promise<string> {
  const text = await readFile(join(LICENSES, `${license}.txt`), 'utf8').catch(() => {
    throw new Error(
      `${name} holds no licence text, and there is none of ${license} in scripts/licenses/texts`,
    );
  });
  const holder =
    (author as { readonly name?: string } | undefined)?.name ?? author ?? `the authors of ${name}`;
  return `Copyright (c) ${holder}\n\n${text}`;
}

/** Of Go modules: their go.mod does not say. */
const GO_MODULE_LICENSES: Readonly<Record<string, string>> = {
  'dario.cat/mergo': 'BSD-3-Clause',
  'github.com/Masterminds/goutils': 'Apache-2.0',
  'github.com/Masterminds/semver/v3': 'MIT',
  'github.com/Masterminds/sprig/v3': 'MIT',
  'github.com/google/uuid': 'BSD-3-Clause',
  'github.com/huandu/xstrings': 'MIT',
  'github.com/mitchellh/copystructure': 'MIT',
  'github.com/mitchellh/reflectwalk': 'MIT',
  'github.com/shopspring/decimal': 'MIT',
  'github.com/spf13/cast': 'MIT',
  'golang.org/x/crypto': 'BSD-3-Clause',
  stdlib: 'BSD-3-Clause',
};

/**
 * What is compiled into the template engine, with Go's standard library.
 * @throws Error for an unknown licence
 */
export async function goComponents(): Promise<Component[]> {
  const sections = (await readFile(GO_LICENSES, 'utf8')).split(/^-{64}$/m).slice(1);
  const components: Component[] = [];
  for (let index = 0; index + 1 < sections.length; index += 2) {
    const [title = '', text = ''] = sections.slice(index, index + 2);
    const [name = '', version = ''] = title
      .trim()
      .replace(/^The Go runtime.*, go/, 'stdlib v')
      .split(' ');
    const license = GO_MODULE_LICENSES[name];
    if (!license) throw new Error(`no licence noted for the Go module ${name}`);
    components.push({ name, version, license, purl: `pkg:golang/${name}@${version}`, text });
  }
  return components;
}

/** No packages, but numbers of interfaces and editions of data. */
const NO_PARTS = new Set(['node', 'modules', 'napi', 'cldr', 'tz', 'unicode']);

/**
 * The Node that builds, which is of the version that goes into every executable (executable/platforms.ts).
 */
export async function nodeComponent(): Promise<Component> {
  const { node: version, ...parts } = process.versions;
  const held = Object.entries(parts).filter(([name, found]) => found && !NO_PARTS.has(name));
  return {
    name: 'node',
    version,
    license: 'MIT',
    purl: `pkg:generic/node@${version}`,
    // its LICENSE, with those of all its parts
    text: await readFile(join(LICENSES, `node-${version}.txt`), 'utf8'),
    parts: Object.fromEntries(held as [string, string][]),
  };
}
