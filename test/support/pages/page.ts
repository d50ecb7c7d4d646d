import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Pages for people, from the root; READMEs of tests describe tests. */
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/**/*.md',
  'deploy/README.md',
  'packages/*/README.md',
];
/** A fence with the comment before it, if any. An output is a `text` fence that follows at once. */
const FENCE =
  /(?:^<!-- (?<mark>[^\n]*?) -->\n+)?^(?<indent> *)```(?<info>[^\n]*)\n(?<body>[\s\S]*?)^\k<indent>```$(?:\n+^\k<indent>```text\n(?<output>[\s\S]*?)^\k<indent>```$)?/gm;
const SHELLS = ['sh', 'bash', 'shell', 'zsh', 'console', 'powershell'];

/** A fenced block of commands. */
export interface Block {
  /** Path of the page from the root. */
  readonly page: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  /** `sh`, or another name of a shell, which is a mistake. */
  readonly shell: string;
  readonly script: string;
  /** What the commands must end with: `sh exit=1`. */
  readonly exitCode: number;
  /** `sh eventually`: what is shown comes after a while. */
  readonly isEventual: boolean;
  /** What a terminal shows, when the page says. */
  readonly output?: string;
  /** `<!-- in a new cluster -->` before the fence: an alternative to what stands above. */
  readonly isInNewCluster?: true;
  /** `<!-- not run: reason -->` or `<!-- run by file -->` before the fence. */
  readonly notRun?: string;
  readonly runBy?: string;
}

/** The pages for people, as paths from the root. */
export function documentedPages(): string[] {
  return globSync(PAGES, { cwd: ROOT, exclude: (path) => path.includes('node_modules') }).sort();
}

/** Every block of commands of these pages, page by page, in order. */
export function documentedBlocks(): Block[] {
  return documentedPages().flatMap((page) => blocksOf(page, readFileSync(join(ROOT, page), 'utf8')));
}

/** The blocks of one page. */
export function blocksOf(page: string, text: string): Block[] {
  return [...text.matchAll(FENCE)].flatMap((match) => {
    const { mark = '', info = '', body = '', output } = match.groups ?? {};
    const [shell = '', ...settings] = info.trim().split(/\s+/);
    if (!SHELLS.includes(shell)) return [];
    const opening = (match.index ?? 0) + match[0].indexOf('```');
    const setting = settings.find((word) => word.startsWith('exit='));
    const [, notRun] = /^not run: (.+)$/.exec(mark) ?? [];
    const [, runBy] = /^run by (\S+)$/.exec(mark) ?? [];
    return [
      {
        page,
        line: text.slice(0, opening).split('\n').length,
        shell,
        script: body,
        exitCode: Number(setting?.slice('exit='.length) ?? 0),
        isEventual: settings.includes('eventually'),
        ...(output === undefined ? {} : { output }),
        ...(mark === 'in a new cluster' ? { isInNewCluster: true as const } : {}),
        ...(notRun === undefined ? {} : { notRun }),
        ...(runBy === undefined ? {} : { runBy }),
      },
    ];
  });
}

/** A name for a block in reports: where it is and its first command. */
export function titleOf({ line, script }: Block): string {
  const [first = ''] = script.split('\n').filter((text) => text.trim() !== '' && !text.startsWith('#'));
  return `line ${line}: ${first.replace(/ {2,}#.*/, '')}`;
}
