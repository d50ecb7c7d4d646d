import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeHtml } from './pages/code-block.ts';

/** What stands beside the folders of versions. */
export const VERSION_FILES = ['versions.json', 'index.html'] as const;

const VERSION = /^\d+\.\d+\.\d+$/;

/** Versions of a list of names, the newest first. */
export function sortVersions(names: readonly string[]): string[] {
  const numbers = (version: string) => version.split('.').map(Number);
  const compare = (a: string, b: string) => {
    const [left, right] = [numbers(a), numbers(b)];
    const at = left.findIndex((number, position) => number !== right[position]);
    return at === -1 ? 0 : (right[at] ?? 0) - (left[at] ?? 0);
  };
  return names.filter((name) => VERSION.test(name)).sort(compare);
}

/** The page above all versions: it leads to the newest at once, and to all others. */
export function versionsHtml([newest = '', ...older]: readonly string[]): string {
  const item = (version: string) =>
    `<li><a href="${escapeHtml(version)}/index.html">${escapeHtml(version)}</a></li>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Fuin: documentation of all versions</title>
<link rel="stylesheet" href="${escapeHtml(newest)}/site.css">
</head>
<body class="versions">
<main>
<h1>Documentation of Fuin</h1>
<p><a class="seal" href="${escapeHtml(newest)}/index.html">Read about ${escapeHtml(newest)}, the newest version</a></p>
${older.length === 0 ? '' : `<h2>Older versions</h2>\n<ul>\n${older.map(item).join('')}</ul>\n`}</main>
</body>
</html>
`;
}

/** Writes what stands above the folders of the versions in `directory`; gives the versions. */
export async function writeVersions(directory: string): Promise<string[]> {
  const versions = sortVersions(await readdir(directory));
  if (versions.length === 0) throw new Error(`no folder of a version in ${directory}`);
  const texts = [`${JSON.stringify(versions)}\n`, versionsHtml(versions)];
  for (const [at, name] of VERSION_FILES.entries()) await writeFile(join(directory, name), texts[at] ?? '');
  return versions;
}
