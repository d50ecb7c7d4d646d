import { join } from 'node:path';
import { visibleFlags } from '@fuin/flags';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../commands/table.ts';
import { FLAGS } from '../invocation/flags/flags.ts';
import { CERT } from '../testing/keys.ts';
import { runCli } from '../testing/run-cli.ts';
import { FLAG_GROUPS } from './groups.ts';

const stdoutOf = async (...argv: string[]) => {
  const { code, stdout, stderr } = await runCli({ argv });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

describe('kubeseal --help', () => {
  it('begins with the usage, then shows three examples', async () => {
    const help = await stdoutOf('--help');
    expect(help).toMatch(/^Usage of kubeseal:\n {2}kubeseal \[flags\] < secret\.yaml > sealed\.yaml\n/);
    const [, examples = ''] = /\nExamples:\n([\s\S]*?)\n\n/.exec(help) ?? [];
    expect(examples.match(/^ {4}\S/gm)).toHaveLength(3);
  });
  it('has a group for each kind of work; the 15 flags without effect come last', async () => {
    const help = await stdoutOf('--help');
    expect(help.match(/^\w[\w ]*(?=:$)/gm)).toEqual([
      'Usage of kubeseal',
      'Examples',
      'Seal',
      'Change',
      'Check',
      'Open with keys',
      'Keys',
      'Cluster access',
      'General',
      'Compatibility',
    ]);
    expect(help.split('\nCompatibility:\n')[1]?.match(/^ .*--/gm)).toHaveLength(15);
  });
  it('shows every visible flag in one group, and every command', async () => {
    const grouped = FLAG_GROUPS.flatMap(({ flags }) => visibleFlags(flags)).map(({ name }) => name);
    expect(grouped.sort()).toEqual(visibleFlags(FLAGS).map(({ name }) => name));
    const help = await stdoutOf('--help');
    expect(Object.keys(COMMANDS).filter((name) => !new RegExp(`^  ${name} `, 'm').test(help))).toEqual([]);
  });
  it('lists the values of --scope', async () => {
    const lines = (await stdoutOf('--help')).split('\n');
    expect(lines.find((line) => line.includes('--scope string '))).toMatch(
      /One of: strict, namespace-wide, cluster-wide \(default "strict"\)$/,
    );
  });
  it('is what the command help prints', async () => {
    expect(await stdoutOf('help')).toBe(await stdoutOf('--help'));
  });
});

describe.each(Object.entries(COMMANDS))('kubeseal %s', (name, { summary, examples }) => {
  it('is explained by --help, -h and the command help in the same words', async () => {
    const help = await stdoutOf(name, '--help');
    expect(help.startsWith(`usage: kubeseal ${name}`)).toBe(true);
    expect(help).toContain(`\n${summary}\n`);
    for (const { line } of examples) expect(help).toContain(`\n    ${line}\n`);
    expect(await stdoutOf(name, '-h')).toBe(help);
    expect(await stdoutOf('help', name)).toBe(help);
  });
  it('ends with exit code 2 for a flag that it does not have, and prints its usage', async () => {
    const { code, stdout, stderr } = await runCli({ argv: [name, '--raw', 'c'] });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error: ${name}: unknown flag: --raw\nhint: usage: kubeseal ${name}`));
  });
});

describe('a command', () => {
  it.each([
    ['completion'],
    ['completion', 'tcsh'],
    ['completion', 'bash', '--cert', 'c'],
    ['manual', 'x'],
    ['version', 'x'],
    ['help', 'x'],
  ])('is refused as a whole for %s', async (...argv) => {
    const stdin = 'metadata: {name: a, namespace: blue}\nstringData: {k: v}\n';
    const { code, stdout, stderr } = await runCli({ argv, files: { c: CERT }, stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^hint: usage: kubeseal ${argv[0]}`, 'm'));
  });
  it('is not recognised after a flag, where upstream ignores arguments', async () => {
    const stdin = 'metadata: {name: a, namespace: blue}\nstringData: {k: v}\n';
    for (const command of [['manual'], ['completion', 'bash'], ['version']]) {
      const { stdout } = await runCli({ argv: ['--cert', 'c', ...command], files: { c: CERT }, stdin });
      expect(stdout).toContain('"kind": "SealedSecret"');
    }
  });
});

describe('kubeseal version', () => {
  it('prints what --version prints', async () => {
    expect(await stdoutOf('version')).toBe(await stdoutOf('--version'));
    expect(await stdoutOf('version')).toMatch(/^kubeseal version: \d+\.\d+\.\d+\n$/);
  });
});

describe('kubeseal manual', () => {
  it('prints the page that is shipped', async () => {
    await expect(await stdoutOf('manual')).toMatchFileSnapshot(
      join(import.meta.dirname, '../../man/kubeseal.1'),
    );
  });
  it('has a synopsis and a paragraph for each command', async () => {
    const manual = await stdoutOf('manual');
    for (const name of Object.keys(COMMANDS).map((each) => each.replaceAll('-', '\\-'))) {
      expect(manual).toContain(`\n.B kubeseal ${name}`);
      expect(manual).toContain(`\nkubeseal ${name}: `);
    }
  });
});
