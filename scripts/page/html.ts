import { createHash } from 'node:crypto';

/** One piece of script or style of the page: a file beside it, or text in it. */
export interface Part {
  /** Name of the file; undefined for text in the page. */
  readonly file?: string;
  readonly text: string;
}

/** What a page is made of. */
export interface PageParts {
  readonly script: Part;
  readonly style: Part;
  /** Scripts that load before they are needed, so that the page works without a network afterwards. */
  readonly later: readonly Part[];
  /** Path of the certificate of the same origin; undefined for a page that asks nobody. */
  readonly certificate?: string;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect x='1' y='1' width='30' height='30' rx='5' fill='%23b3261e'/%3E%3Cpath fill='%23fff' d='M16 7a5 5 0 0 0-2.6 9.3L12 25h8l-1.4-8.7A5 5 0 0 0 16 7z'/%3E%3C/svg%3E";

/** The page as HTML. Every script and style in it has a hash that the browser checks. */
export function pageHtml(parts: PageParts): string {
  const { script, style, later, certificate } = parts;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policyOf(parts)}">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${certificate === undefined ? '' : `<meta name="fuin-certificate" content="${certificate}">\n`}<title>Seal a Secret</title>
<link rel="icon" href="${ICON}">
${styleTag(style)}
${later.length === 0 ? '' : `<script type="importmap">${integrityMap(later)}</script>\n`}${later.map((part) => `<link rel="modulepreload" href="./${part.file}">\n`).join('')}${scriptTag(script)}
</head>
<body><noscript>This page encrypts in the browser, so it needs JavaScript.</noscript></body>
</html>
`;
}

/** Nothing is allowed but the parts of the page. No script can be made of text (Trusted Types). */
export function policyOf({ script, style, later, certificate }: PageParts): string {
  const source = ({ file, text }: Part) => (file === undefined ? `'${hashOf(text, 'sha256')}'` : "'self'");
  return [
    "default-src 'none'",
    `script-src ${source(script)}${later.length === 0 ? '' : ` '${hashOf(integrityMap(later), 'sha256')}'`}`,
    `style-src ${source(style)}`,
    'img-src data:',
    ...(certificate === undefined ? [] : ["connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/**
 * The import map with the hash of each script that loads later. The hash of a preload would not do: where it
 * does not fit, the browser asks again, and runs what comes.
 */
function integrityMap(later: readonly Part[]): string {
  const hashes = later.map(({ file, text }) => [`./${file}`, hashOf(text, 'sha384')]);
  return JSON.stringify({ integrity: Object.fromEntries(hashes) });
}

function styleTag({ file, text }: Part): string {
  return file === undefined
    ? `<style>${text}</style>`
    : `<link rel="stylesheet" href="./${file}" ${integrityOf({ text })}>`;
}

function scriptTag({ file, text }: Part): string {
  return file === undefined
    ? `<script type="module">${text}</script>`
    : `<script type="module" src="./${file}" ${integrityOf({ text })}></script>`;
}

function integrityOf({ text }: Part): string {
  return `integrity="${hashOf(text, 'sha384')}"`;
}

/** A hash as HTML and policies write it. */
export function hashOf(text: string, algorithm: 'sha256' | 'sha384'): string {
  return `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;
}
