import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FLAGS as CONTROLLER_FLAGS } from '../../packages/controller/src/config/flags.ts';
import { FLAGS as KUBESEAL_FLAGS } from '../../packages/kubeseal-cli/src/invocation/flags/flags.ts';
import { writeManualPages } from '../../scripts/release/manual-pages.ts';

const run = promisify(execFile);
let directory: string;
let pages: readonly string[];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-manual-'));
  pages = await writeManualPages(directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const pageOf = (name: string) => pages.find((path) => basename(path) === name) ?? name;

describe.each([
  { name: 'kubeseal.1', flags: KUBESEAL_FLAGS },
  { name: 'sealed-secrets-controller.8', flags: CONTROLLER_FLAGS },
])('the manual page $name', ({ name, flags }) => {
  it('is set by man without a warning, and describes every visible flag', async () => {
    const env = { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' };
    const { stdout, stderr } = await run('man', ['--warnings', '--local-file', pageOf(name)], { env });
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^${name.replace(/\.(.)$/, '\\($1\\)')}`, 'i'));
    const visible = Object.entries(flags).filter(([, row]) => !('hidden' in row && row.hidden));
    expect(visible.map(([flag]) => `--${flag}`).filter((flag) => !stdout.includes(flag))).toEqual([]);
  });
  it('passes mandoc, but for the date that it has not', async () => {
    const linted = run('mandoc', ['-Tlint', '-Wwarning', pageOf(name)]).catch((error) => error);
    const { stdout } = (await linted) as { readonly stdout: string };
    expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
  });
});
