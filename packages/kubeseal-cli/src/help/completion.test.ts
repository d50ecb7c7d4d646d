import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { visibleFlags } from '@fuin/flags';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../../test/support/time/patience.ts';
import { COMMANDS } from '../commands/table.ts';
import { FLAGS } from '../invocation/flags/flags.ts';
import { runCli } from '../testing/run-cli.ts';

const ZSH_OFFERS = join(import.meta.dirname, '../testing/offers.zsh');
const BIN = join(import.meta.dirname, '../../bin/kubeseal.ts');
const run = promisify(execFile);
const completion = async (shell: string) => (await runCli({ argv: ['completion', shell] })).stdout;

const HOSTILE = '$(touch made)';
const KUBECONFIG = `current-context: arn:aws:eks:eu-1:1:cluster/blue
contexts:
- {name: "arn:aws:eks:eu-1:1:cluster/blue", context: {cluster: k, user: u, namespace: blue}}
- {name: "arn:aws:eks:eu-1:1:cluster/green", context: {cluster: k, user: u, namespace: green}}
- {name: stage, context: {cluster: k, user: u, namespace: blue}}
- {name: "two words", context: {cluster: k, user: u}}
- {name: "${HOSTILE}", context: {cluster: k, user: u}}
- {name: "x\\n:0", context: {cluster: k, user: u}}
clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
`;

const SETTINGS = 'clusters: {dev: {context: d}, prod: {context: p}}\n';

/** What the program answers when it is asked in a directory with that kubeconfig. */
async function answerTo(...words: string[]): Promise<{ offers: string[]; directive: string }> {
  const { code, stdout, stderr } = await runCli({
    argv: ['__complete', ...words],
    files: { kc: KUBECONFIG, 'home/kc': KUBECONFIG, '.kubeseal.yaml': SETTINGS },
    env: { KUBECONFIG: 'kc' },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const directive = lines.pop() ?? '';
  return { offers: lines.map((line) => line.split('\t')[0] ?? ''), directive };
}

/** Of commands of two words completion offers one after the other. */
const FIRST_WORDS = [...new Set(Object.keys(COMMANDS).map((name) => name.replace(/ .*/, '')))];

describe('kubeseal __complete', () => {
  const contexts = [
    'arn:aws:eks:eu-1:1:cluster/blue',
    'arn:aws:eks:eu-1:1:cluster/green',
    'stage',
    'two words',
    HOSTILE,
  ];
  it.each<[string, string[], string[]]>([
    ['commands in the first place', [''], FIRST_WORDS],
    ['commands that begin so', ['ma'], ['manual']],
    ['the commands of help', ['help', 'c'], ['cert', 'check', 'completion', 'copy', 'create']],
    ['the actions of cert', ['cert', ''], ['check', 'update']],
    ['clusters of the settings file for cert', ['cert', 'check', 'p'], ['prod']],
    ['them for --for', ['set', 'f', '--for', ''], ['dev', 'prod']],
    ['nothing with --no-config', ['set', '--no-config', '--for', ''], []],
    ['nothing where it cannot be read', ['set', '--config=kc', '--for', ''], []],
    ['the types of create', ['create', 'shop/db', '--type', 't'], ['tls']],
    ['contexts for create', ['create', 'shop/db', '--context', 'st'], ['stage']],
    ['the shells of completion', ['completion', 'z'], ['zsh']],
    ['nothing behind the last argument', ['completion', 'zsh', ''], []],
    [
      "a command's own flags",
      ['check', '-'],
      [
        '--allowed-signers',
        '--baseline',
        '--certs',
        '--config',
        '--fail-fast',
        '--json',
        '--no-config',
        '-o',
        '--output',
        '--quiet',
        '--strict',
        '--write-baseline',
      ],
    ],
    ["the values of a command's flag", ['check', '-o', 's'], ['sarif']],
    ['no flags behind --', ['completion', '--', '-'], []],
    [
      "upstream's flags behind one of them",
      ['--raw', '--reco'],
      ['--recovery-private-key', '--recovery-unseal'],
    ],
    ['the values of a flag', ['--scope', 'c'], ['cluster-wide']],
    ['them behind =', ['--scope=c'], ['cluster-wide']],
    ['them behind a short flag', ['-o', ''], ['json', 'yaml']],
    ['nothing for a free value', ['--name', ''], []],
    ['nothing for a value that looks like a flag', ['--name', '-'], []],
    ['nothing as arguments of a mode that takes none', ['--raw', ''], []],
    ['contexts of the kubeconfig', ['--context', ''], contexts],
    ['contexts behind =', ['--context=st'], ['stage']],
    ['namespaces of the kubeconfig, each once', ['-n', ''], ['blue', 'green']],
    ['the same for the controller', ['--controller-namespace', 'g'], ['green']],
    ['clusters and users', ['--cluster', ''], ['k']],
    ['names of the kubeconfig that the line names', ['--kubeconfig=home/kc', '--user', ''], ['u']],
    ['names of one in the home directory', ['--kubeconfig', '~/kc', '--user', ''], ['u']],
    ['nothing where there is no kubeconfig', ['--kubeconfig', 'nope', '--context', ''], []],
  ])('offers %s', async (_what, words, offers) => {
    expect(await answerTo(...words)).toEqual({ offers, directive: ':4' });
  });
  it.each([
    [['-f', '']],
    [['--cert=']],
    [['-of', 'yaml', '-w', '']],
    [['check', 'a.yaml', '--', '']],
    [['create', 'shop/db', '--from-env-file', '']],
    [['set', 'a.yaml', '']],
    [['rename', '']],
    [['--re-encrypt', '-f', 'a.yaml', '']],
    [['--validate', '']],
    [['--recovery-unseal', '--recovery-private-key', 'k', '']],
  ])('says that files go behind %j', async (words) => {
    expect(await answerTo(...words)).toEqual({ offers: [], directive: ':0' });
  });
  it('offers every visible flag', async () => {
    const { offers } = await answerTo('--cert', 'c', '--');
    expect(offers.sort()).toEqual(visibleFlags(FLAGS).map(({ name }) => `--${name}`));
  });
  it('says what each offer does behind a tab, as cobra does', async () => {
    const { stdout } = await runCli({ argv: ['__complete', '--recovery-u'] });
    expect(stdout).toBe(
      '--recovery-unseal\tOpen a SealedSecret offline with the keys of --recovery-private-key and print the Secret\n:4\n',
    );
  });
});

/** Where a shell is asked for its offers at the end of a line: `script` and `kubeseal` are there. */
interface Place {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

const SHELLS: Readonly<Record<string, (place: Place, line: string) => Promise<string>>> = {
  bash: async ({ directory, env }, line) => {
    const words = line.split(/([=:])| /).filter((word) => word !== undefined); // as COMP_WORDBREAKS has it
    const list = words.map((word) => `'${word}'`).join(' ');
    const command = `. ./script; COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _kubeseal; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await run('bash', ['--norc', '-c', command], { cwd: directory, env })).stdout;
  },
  zsh: async ({ directory, env }, line) => {
    const answer = join(await mkdtemp(join(directory, 'answer-')), 'offers');
    const args = ['-f', ZSH_OFFERS, './script', line, answer];
    await run('zsh', args, { cwd: directory, env, timeout: PATIENCE_MS });
    return (await readFile(answer, 'utf8')).replace(/END\n$/, '');
  },
  fish: async ({ directory, env }, line) => {
    const command = `source script; complete -C '${line}'`;
    const { stdout } = await run('fish', ['--no-config', '-c', command], { cwd: directory, env });
    return stdout.replaceAll(/\t.*$/gm, '').replaceAll(/^--(?:scope|context|cert)=/gm, '');
  },
};

const isMissing = (shell: string) => spawnSync(shell, ['-c', 'exit']).error !== undefined;

describe.each(Object.entries(SHELLS))('kubeseal completion %s', (shell, ask) => {
  let place: Place;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), `kubeseal-${shell}-`));
    await writeFile(join(directory, 'script'), await completion(shell));
    await writeFile(join(directory, 'secret.yaml'), '');
    await writeFile(join(directory, 'kc'), KUBECONFIG);
    await mkdir(join(directory, 'bin'));
    const program = join(directory, 'bin', 'kubeseal');
    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    await chmod(program, 0o755);
    const PATH = `${join(directory, 'bin')}${delimiter}${process.env['PATH']}`;
    place = {
      directory,
      env: { PATH, HOME: directory, KUBECONFIG: join(directory, 'kc'), LC_ALL: 'C.UTF-8' },
    };
  });
  afterAll(() => rm(place.directory, { recursive: true, force: true }));

  it.skipIf(isMissing(shell)).each<[string, string[]]>([
    [
      'kubeseal --re',
      ['--re-encrypt', '--recipient', '--recovery-private-key', '--recovery-unseal', '--request-timeout'],
    ],
    ['kubeseal --raw --sco', ['--scope']],
    ['kubeseal --scope c', ['cluster-wide']],
    ['kubeseal --scope=n', ['namespace-wide']],
    ['kubeseal -o ', ['json', 'yaml']],
    ['kubeseal --format y', ['yaml']],
    ['kubeseal -f secr', ['secret.yaml']],
    ['kubeseal --cert=secr', ['secret.yaml']],
    ['kubeseal --from-file secr', ['secret.yaml']],
    ['kubeseal --name ', []],
    ['kubeseal ', FIRST_WORDS],
    ['kubeseal ma', ['manual']],
    ['kubeseal check secr', ['secret.yaml']],
    ['kubeseal check -- secr', ['secret.yaml']],
    ['kubeseal completion f', ['fish']],
    ['kubeseal -n ', ['blue', 'green']],
    ['kubeseal --context s', ['stage']],
    ['kubeseal --context=s', ['stage']],
  ])(
    `offers at the end of "%s" what fits${isMissing(shell) ? ` (SKIPPED: no ${shell} here)` : ''}`,
    async (line, offers) => {
      const offered = (await ask(place, line)).split('\n').filter((each) => each !== '');
      expect(offered.map((each) => each.trim()).sort()).toEqual(offers);
    },
  );
  it.skipIf(isMissing(shell))('completes a context whose name has colons', async () => {
    const [offer = '', ...more] = (await ask(place, 'kubeseal --context arn:aws:eks:eu-1:1:cluster/g'))
      .trimEnd()
      .split('\n');
    expect(more).toEqual([]);
    expect('arn:aws:eks:eu-1:1:cluster/green').toContain(offer);
    expect(offer).toMatch(/cluster\/green$/);
  });
  it.skipIf(isMissing(shell))('runs no code that a kubeconfig has for a name', async () => {
    const offered = await ask(place, 'kubeseal --context ');
    expect(offered).toContain('touch');
    expect((await readdir(place.directory)).filter((name) => name === 'made')).toEqual([]);
  });
});

describe('the script for bash', () => {
  it.skipIf(isMissing('bash'))('quotes what would be code on the line', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kubeseal-quote-'));
    try {
      await writeFile(join(directory, 'script'), await completion('bash'));
      const command = `kubeseal() { printf '%s\\n' 'two words' '${HOSTILE}' 'a;b' :4; }
. ./script; COMP_WORDS=(kubeseal --context ''); COMP_CWORD=2; _kubeseal; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await run('bash', ['--norc', '-c', command], { cwd: directory });
      expect(stdout).toBe('two\\ words\n\\$\\(touch\\ made\\)\na\\;b\n');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('the script for bash where there is no compopt, as in version 3', () => {
  it.skipIf(isMissing('bash'))('quotes names of files that would be code on the line', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kubeseal-bash3-'));
    try {
      await writeFile(join(directory, 'script'), await completion('bash'));
      await writeFile(join(directory, HOSTILE), '');
      const command = `kubeseal() { echo :0; }; compopt() { return 127; }
. ./script; COMP_WORDS=(kubeseal -f ''); COMP_CWORD=2; _kubeseal; printf '%s\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await run('bash', ['--norc', '-c', command], { cwd: directory });
      expect(stdout.split('\n').sort()).toEqual(['', '\\$\\(touch\\ made\\)', 'script']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('kubeseal completion powershell', () => {
  // There is no PowerShell to run it in: its structure must do.
  it('asks the program, and closes every quote and bracket', async () => {
    const script = await completion('powershell');
    expect(script).toContain('kubeseal __complete @words $typed');
    const code = script.replaceAll(/'(?:[^']|'')*'|"[^"]*"|#.*$/gm, '');
    expect(code).not.toMatch(/['"]/);
    const open: string[] = [];
    for (const [bracket] of code.matchAll(/[()[\]{}]/g)) {
      if ('([{'.includes(bracket)) open.push(bracket);
      else expect(open.pop()).toBe({ ')': '(', ']': '[', '}': '{' }[bracket]);
    }
    expect(open).toEqual([]);
  });
});
