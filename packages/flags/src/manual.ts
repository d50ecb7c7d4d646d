import { type FlagHelp, helpWithChoices, visibleFlags } from './describe.ts';
import type { FlagTable } from './table.ts';

/** What a manual page says beside its flags; texts are plain, a line of its own is a paragraph. */
export interface ManualPage {
  readonly program: string;
  /** Chapter of the manual: 1 (default) holds commands of users, 8 those of administrators. */
  readonly chapter?: 1 | 8;
  readonly summary: string;
  readonly synopsis: readonly string[];
  readonly envPrefix?: string;
  /** Sections in order; `OPTIONS` is put where it says so with an empty text. */
  readonly sections: readonly (readonly [title: string, paragraphs: readonly string[]])[];
}

/** A manual page in roff (man(7)), the flags taken from the table. */
export function formatManual(page: ManualPage, table: FlagTable): string {
  const { program, chapter = 1, summary, synopsis, sections, envPrefix } = page;
  const parts = [
    `.TH ${program.toUpperCase()} ${chapter}`, // no date: pages are made from the sources, the same ones at any time
    '.nh', // names of variables are copied from here
    '.SH NAME',
    `${roffText(program)} \\- ${roffText(summary)}`,
    '.SH SYNOPSIS',
    synopsis.map((line) => `.B ${roffText(line)}`).join('\n.br\n'),
    ...sections.flatMap(([title, paragraphs]) =>
      title === 'OPTIONS'
        ? ['.SH OPTIONS', ...visibleFlags(table).flatMap((flag) => option(flag, envPrefix))]
        : [`.SH ${title}`, paragraphs.map(roffText).join('\n.PP\n')],
    ),
  ];
  return `${parts.join('\n')}\n`;
}

function option(flag: FlagHelp, envPrefix: string | undefined): string[] {
  const { name, short, typeName, defaultText, hasEnv } = flag;
  const value = typeName === '' ? '' : ` \\fI${roffText(typeName)}\\fR`;
  const forms = [
    ...(short === undefined ? [] : [`\\fB${roffText(`-${short}`)}\\fR`]),
    `\\fB${roffText(`--${name}`)}\\fR`,
  ];
  const variable = `${envPrefix ?? ''}_${name.toUpperCase().replaceAll('-', '_')}`;
  const more = [
    ...(defaultText === undefined ? [] : [`Default: ${defaultText}.`]),
    ...(hasEnv && envPrefix !== undefined ? [`Environment: ${variable}.`] : []),
  ];
  return [
    '.TP',
    `${forms.join(', ')}${value}`,
    roffText([`${helpWithChoices(flag).replace(/\.$/, '')}.`, ...more].join(' ')),
  ];
}

/** Keeps roff from reading dots, quotes, backslashes and dashes as its own. */
function roffText(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/gm, '\\&$&');
}
