import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vector } from './testing/keys.ts';
import { runCli } from './testing/run-cli.ts';

/**
 * Whole command lines as text files: a title, the command, what goes in (`>>> stdin`, `>>> file NAME [from
 * VECTOR]`, `>>> env`), and below `>>> exit` what comes out. `vitest -u` writes the lower half anew; look at
 * the difference before committing it.
 */
interface Transcript {
  readonly head: string;
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly isTty: boolean;
}

function parseTranscript(text: string): Transcript {
  const head = text.split(/^>>> exit /m)[0] ?? '';
  const command = /^\$ kubeseal ?(.*)$/m.exec(head)?.[1] ?? '';
  const sections = [...head.matchAll(/^>>> (.*)\n([\s\S]*?)(?=^>>> |$(?![\s\S]))/gm)];
  const files: Record<string, string> = {};
  const env: Record<string, string> = {};
  let stdin = '';
  for (const [, title = '', body = ''] of sections) {
    const [kind, name = '', , source] = title.split(' ');
    if (kind === 'stdin') stdin = body;
    if (kind === 'file') files[name] = source === undefined ? body : vector(source);
    if (kind === 'env') Object.assign(env, parseEnv(body));
  }
  const words: readonly string[] = command.match(/"[^"]*"|\S+/g) ?? [];
  const argv = words.map((word) => word.replace(/^"|"$/g, '')).filter((word) => word !== '(tty)');
  return { head, argv, stdin, files, env, isTty: words.includes('(tty)') };
}

function parseEnv(text: string): Record<string, string> {
  const lines = text.trim().split('\n');
  return Object.fromEntries(
    lines.map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
  );
}

/** Sealed values differ from run to run. */
function masked(text: string): string {
  return text
    .replace(/A[gQ][A-Za-z0-9+/]{300,}={0,2}/g, '<sealed>')
    .replace(/^.*sealed-with.*$/gm, (note) =>
      note.replace(/(:\\?")[A-Za-z0-9+/]{8}(?=\\?"[,}])/g, '$1<end>'),
    );
}

function block(title: string, text: string): string {
  return text === ''
    ? ''
    : `>>> ${title}\n${masked(text)}${text.endsWith('\n') ? '' : '\n>>> (no line end)\n'}`;
}

describe('kubeseal', () => {
  const directory = join(import.meta.dirname, 'transcripts');
  for (const path of globSync('*.txt', { cwd: directory }).sort()) {
    const source = readFileSync(join(directory, path), 'utf8');
    const transcript = parseTranscript(source);
    const title = /^# (.*)$/m.exec(source)?.[1] ?? basename(path);
    it(title, async () => {
      const { head, isTty, ...run } = transcript;
      const result = await runCli({ ...run, tty: { stdin: isTty, stderr: isTty } });
      const changed = Object.entries(result.files).filter(([name, text]) => run.files[name] !== text);
      const lost = Object.keys(run.files).filter((name) => result.files[name] === undefined);
      const after = [
        `>>> exit ${result.code}\n`,
        block('stdout', result.stdout),
        block('stderr', result.stderr),
        ...changed.map(([name, text]) => block(`file after ${name}`, text)),
        ...lost.map((name) => `>>> file lost ${name}\n`),
      ];
      await expect(head + after.join('')).toMatchFileSnapshot(join(directory, path));
    });
  }
});
