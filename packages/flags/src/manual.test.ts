import { describe, expect, it } from 'vitest';
import { formatManual } from './manual.ts';
import { defineFlags } from './table.ts';

const FLAGS = defineFlags({
  'key-ttl': { type: 'duration', default: 60_000, help: 'How long a key lives.' },
  format: { type: 'string', short: 'o', default: 'a\\b', env: false, help: 'Format' },
  scope: { type: 'enum', choices: ['strict', 'cluster-wide'], default: 'strict', help: 'Scope.' },
  quick: { type: 'bool', short: 'q', default: false, help: '.starts with a dot' },
  secret: { type: 'bool', default: false, hidden: true, help: 'Not shown' },
  former: { type: 'string', default: '', deprecated: 'use --format', help: 'Not shown' },
});
const PAGE = { program: 'app', summary: 'does it', synopsis: ['app [-q]', "'app'"] };

/** The lines of one section. */
function section(title: string, page: string): string[] {
  const [, rest = ''] = page.split(`.SH ${title}\n`);
  return (rest.split('.SH ')[0] ?? '').trimEnd().split('\n');
}

describe('formatManual', () => {
  const page = formatManual(
    {
      ...PAGE,
      envPrefix: 'APP',
      sections: [
        ['DESCRIPTION', ['.first', 'second-hand \\ text']],
        ['OPTIONS', []],
        ['NOTES', ['last']],
      ],
    },
    FLAGS,
  );
  it('begins with a title of chapter 1 and without a date', () => {
    expect(page.split('\n').slice(0, 2)).toEqual(['.TH APP 1', '.nh']);
    expect(formatManual({ ...PAGE, chapter: 8, sections: [] }, FLAGS)).toMatch(/^\.TH APP 8\n/);
  });
  it('prints names and synopsis so that roff interprets none of their characters', () => {
    expect(section('NAME', page)).toEqual(['app \\- does it']);
    expect(section('SYNOPSIS', page)).toEqual(['.B app [\\-q]', '.br', ".B \\&'app'"]);
  });
  it('separates paragraphs, and escapes what roff would interpret in them', () => {
    expect(section('DESCRIPTION', page)).toEqual(['\\&.first', '.PP', 'second\\-hand \\e text']);
  });
  it('prints the sections in order', () => {
    expect(page.match(/^\.SH .*/gm)).toEqual([
      '.SH NAME',
      '.SH SYNOPSIS',
      '.SH DESCRIPTION',
      '.SH OPTIONS',
      '.SH NOTES',
    ]);
  });
  it('prints each visible flag with its value, choices, default and environment variable', () => {
    expect(section('OPTIONS', page)).toEqual([
      '.TP',
      '\\fB\\-o\\fR, \\fB\\-\\-format\\fR \\fIstring\\fR',
      'Format. Default: "a\\e\\eb".',
      '.TP',
      '\\fB\\-\\-key\\-ttl\\fR \\fIduration\\fR',
      'How long a key lives. Default: 1m0s. Environment: APP_KEY_TTL.',
      '.TP',
      '\\fB\\-q\\fR, \\fB\\-\\-quick\\fR',
      '\\&.starts with a dot. Environment: APP_QUICK.',
      '.TP',
      '\\fB\\-\\-scope\\fR \\fIstring\\fR',
      'Scope. One of: strict, cluster\\-wide. Default: "strict". Environment: APP_SCOPE.',
    ]);
  });
  it('names no environment variable if the program reads none', () => {
    expect(formatManual({ ...PAGE, sections: [['OPTIONS', []]] }, FLAGS)).not.toContain('Environment');
  });
});
