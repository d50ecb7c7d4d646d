import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of the innermost package that a module lies in; a bundler's own modules start with a zero byte. */
const PACKAGE = /^[^\0].*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/** Name, version and full licence text of every npm package that modules of a bundle come from; empty where there is none. */
export async function thirdPartyLicenses(moduleIds: Iterable<string>): Promise<string> {
  const folders = new Set([...moduleIds].flatMap((id) => PACKAGE.exec(id)?.[0] ?? []));
  const texts = await Promise.all([...folders].map(licenseOf));
  return [...new Set(texts)].sort().join('\n');
}

async function licenseOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = globSync('{LICENSE,LICENCE,License,license,COPYING,NOTICE}*', { cwd: folder }).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const body = texts.length > 0 ? texts.join('\n').trim() : '(the package holds no licence text)';
  return `=== ${name} ${version} (${license})\n\n${body}\n`;
}
