import type { Component } from './components.ts';

/**
 * Licences that may go into what we ship (SPDX). ALLOWED_IN_IMAGE is for libraries that are only linked to,
 * like Debian's.
 */
export const ALLOWED_LICENSES: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);
export const ALLOWED_IN_IMAGE: ReadonlySet<string> = new Set([
  ...ALLOWED_LICENSES,
  'GPL-2.0-or-later', // base-files: texts of licences, names of places
  'GPL-3.0-or-later WITH GCC-exception-3.1',
  'LGPL-2.1-or-later',
]);

/** Those whose licence is not allowed, as `name version: licence`. */
export function refusedLicenses(components: readonly Component[], allowed: ReadonlySet<string>): string[] {
  const refused = components.filter(({ license }) => !isAllowed(license, allowed));
  return refused.map(({ name, version, license }) => `${name} ${version}: ${license}`);
}

/** Of a choice one is enough; what cannot be read is not allowed. */
function isAllowed(license: unknown, allowed: ReadonlySet<string>): boolean {
  if (typeof license !== 'string') return false;
  const choices = license.replace(/^\((.*)\)$/, '$1').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((one) => allowed.has(one)));
}

const LINE = '='.repeat(80);

/** The text that goes with what we ship: every component, its licence and its copyright, in full. */
export function formatNotices(title: string, components: readonly Component[]): string {
  const entries = components.map(
    ({ name, version, license, text }) =>
      `${LINE}\n${name} ${version}\n${license}\n${LINE}\n\n${text.trim()}\n`,
  );
  const head = `${title} is licensed under Apache-2.0 (see LICENSE). It holds the following software of others.\n`;
  return [head, ...entries].join('\n');
}
