import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatCompletion, SHELLS } from './completion.ts';
import { defineFlags } from './table.ts';

const run = promisify(execFile);
const HELP = 'It\'s "x" [y]: $(touch made) `touch made` \\ ’; touch made #';
const HOSTILE = defineFlags({
  format: { type: 'string', short: 'o', default: '', suggestions: ['json', 'yaml'], help: HELP },
  input: { type: 'stringSlice', default: [], isFile: true, help: HELP },
  name: { type: 'string', default: '', help: HELP },
  quick: { type: 'bool', short: 'q', default: false, help: HELP },
  secret: { type: 'bool', default: false, hidden: true, help: HELP },
  former: { type: 'alias', target: 'quick', deprecated: 'use --quick', help: HELP },
});
const SMALLEST = defineFlags({ quick: { type: 'bool', default: false, help: '' } });
const SOURCE: Readonly<Record<string, readonly string[]>> = {
  bash: ['bash', '--norc', '-ec', '. ./script'],
  zsh: ['zsh', '-fec', 'autoload -Uz compinit; compinit -u -D; source ./script'],
  fish: ['fish', '--no-config', '-c', 'source script; complete -C "app --"'],
};

describe.each(Object.entries(SOURCE))('formatCompletion for %s', (shell, [program = '', ...args]) => {
  const isMissing = spawnSync(program, ['-c', 'exit']).error !== undefined;
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'completion-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.skipIf(isMissing).each([
    ['whose help contains code', HOSTILE],
    ['with one flag that takes no value', SMALLEST],
  ])(
    `writes a script that only defines completion, for a table %s${isMissing ? ' (SKIPPED)' : ''}`,
    async (_, table) => {
      const script = formatCompletion(shell as (typeof SHELLS)[number], 'app', table);
      await writeFile(join(directory, 'script'), script);
      const env = { PATH: process.env['PATH'], HOME: directory };
      const { stderr } = await run(program, args, { cwd: directory, env });
      expect(stderr).toBe('');
      expect((await readdir(directory)).filter((name) => name === 'made')).toEqual([]);
    },
  );
});

describe('formatCompletion', () => {
  it.each(SHELLS)('names the visible flags only, for %s', (shell) => {
    const script = formatCompletion(shell, 'app', HOSTILE);
    expect(script).toContain('quick');
    expect(script).not.toMatch(/secret|former/);
  });
  it('doubles every character that PowerShell takes for a single quote', () => {
    const script = formatCompletion('powershell', 'app', HOSTILE);
    expect(script).toContain(`'--name' = '${HELP.replace("'", "''").replace('’', '’’')}'`);
  });
});
