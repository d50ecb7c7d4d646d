import { type FlagHelp, helpWithChoices, visibleFlags } from './describe.ts';
import type { FlagTable } from './table.ts';

/** The text of a manual page without its flags: plain strings, one per paragraph. */
export interface ManualPage {
  readonly program: string;
  /** Chapter of the manual: 1 (default) for commands of users, 8 for commands of administrators. */
  readonly chapter?: 1 | 8;
  readonly summary: string;
  readonly synopsis: readonly string[];
  readonly envPrefix?: string;
  /** The sections in order. The flags are printed where a section is called `OPTIONS`. */
  readonly sections: readonly (readonly [title: string, paragraphs: readonly string[]])[];
}

/** A manual page in roff (man(7)), with the flags of the table. */
export function formatManual(page: ManualPage, table: FlagTable): string {
  const { program, chapter = 1, summary, synopsis, sections, envPrefix } = page;
  const parts = [
    `.TH ${program.toUpperCase()} ${chapter}`, // no date, so that a page depends on the sources only
    '.nh', // no hyphens, so that readers can copy the names of variables
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

/** Escapes the dots, quotes, backslashes and dashes that roff would interpret. */
function roffText(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/gm, '\\&$&');
}
