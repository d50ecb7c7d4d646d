import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../../test/support/time/patience.ts';
import { FLAGS } from '../invocation/flags.ts';
import { runCli } from '../testing/run-cli.ts';

const ZSH_OFFERS = join(import.meta.dirname, '../testing/offers.zsh');
const run = promisify(execFile);
const completion = async (shell: string) => (await runCli({ argv: ['completion', shell] })).stdout;

/** How to ask a shell for its offers at the end of a line: the directory holds `script`. */
const SHELLS: Readonly<Record<string, (directory: string, line: string) => Promise<string>>> = {
  bash: async (directory, line) => {
    const words = line.split(/(=)| /).filter((word) => word !== undefined); // as COMP_WORDBREAKS has it
    const list = words.map((word) => `'${word}'`).join(' ');
    const command = `. ./script; COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _kubeseal; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await run('bash', ['--norc', '-c', command], { cwd: directory })).stdout;
  },
  zsh: async (directory, line) => {
    const answer = join(await mkdtemp(join(directory, 'answer-')), 'offers');
    await run('zsh', ['-f', ZSH_OFFERS, './script', line, answer], { cwd: directory, timeout: PATIENCE_MS });
    return (await readFile(answer, 'utf8')).replace(/END\n$/, '');
  },
  fish: async (directory, line) => {
    const env = { PATH: process.env['PATH'], HOME: directory };
    const command = `source script; complete -C '${line}'`;
    const { stdout } = await run('fish', ['--no-config', '-c', command], { cwd: directory, env });
    return stdout.replaceAll(/\t.*$/gm, '').replaceAll(/^--scope=/gm, '');
  },
};

const isMissing = (shell: string) => spawnSync(shell, ['-c', 'exit']).error !== undefined;

describe.each(Object.entries(SHELLS))('kubeseal completion %s', (shell, ask) => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), `kubeseal-${shell}-`));
    await writeFile(join(directory, 'script'), await completion(shell));
    await writeFile(join(directory, 'secret.yaml'), '');
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.skipIf(isMissing(shell)).each([
    ['kubeseal --re', ['--re-encrypt', '--recovery-private-key', '--recovery-unseal', '--request-timeout']],
    ['kubeseal --raw --sco', ['--scope']],
    ['kubeseal --scope c', ['cluster-wide']],
    ['kubeseal --scope=n', ['namespace-wide']],
    ['kubeseal -o ', ['json', 'yaml']],
    ['kubeseal --format y', ['yaml']],
    ['kubeseal -f secr', ['secret.yaml']],
    ['kubeseal --from-file secr', ['secret.yaml']],
    ['kubeseal --name ', []],
  ])(
    `offers at the end of "%s" what fits${isMissing(shell) ? ` (SKIPPED: no ${shell} here)` : ''}`,
    async (line, offers) => {
      const offered = (await ask(directory, line)).split('\n').filter((each) => each !== '');
      expect(offered.map((each) => each.trim()).sort()).toEqual(offers);
    },
  );
});

describe('kubeseal completion powershell', () => {
  // There is no PowerShell to run it in: its structure must do.
  it('has each visible flag once, whatever the case: keys of its hash tables ignore it', async () => {
    const script = await completion('powershell');
    const [table = ''] = /@\{\n([\s\S]*?)\n {2}\}/.exec(script) ?? [];
    const names = [...table.matchAll(/^ {4}'(-[^']+)' = '(?:[^']|'')*'$/gm)].map(([, name]) => name ?? '');
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    const visible = Object.entries(FLAGS).filter(([, row]) => !('hidden' in row && row.hidden));
    expect(names.filter((name) => name.startsWith('--')).sort()).toEqual(
      visible.map(([name]) => `--${name}`).sort(),
    );
  });
  it('closes every quote and bracket', async () => {
    const code = (await completion('powershell')).replaceAll(/'(?:[^']|'')*'|"[^"]*"|#.*$/gm, '');
    expect(code).not.toMatch(/['"]/);
    const open: string[] = [];
    for (const [bracket] of code.matchAll(/[()[\]{}]/g)) {
      if ('([{'.includes(bracket)) open.push(bracket);
      else expect(open.pop()).toBe({ ')': '(', ']': '[', '}': '{' }[bracket]);
    }
    expect(open).toEqual([]);
  });
});
