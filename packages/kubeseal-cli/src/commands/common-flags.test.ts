import { describe, expect, it } from 'vitest';
import { commandHelp } from '../help/help.ts';
import { CERT } from '../testing/keys.ts';
import { KEYS, sealedYaml, WITH_KEY } from '../testing/opened.ts';
import { runCli } from '../testing/run-cli.ts';
import { COMMANDS } from './table.ts';

/**
 * The flags that scripts expect of every command. A command has the flag, or stands here with the reason why
 * it would make no sense. "Flags of many commands" in docs/kubeseal.md tells people the same.
 */
const READS = 'it changes nothing';
const EXPLAINS = 'it prints a text for people or shells';
const FILTERS = 'it is a filter: it changes no file, and stdout has the manifests';
const RUN_BY_GIT = 'Git writes its command line and reads what it prints';
const NEW_SECRETS = 'it only makes new files, of secrets that nothing can be compared with';
const ONE_THING = 'it is about one thing, and ends where that fails';
const FEW_KEYS = 'keys are few, and one that is broken must not hide the others';

type Reasons = Readonly<Record<string, string>>;
const of = (reason: string, ...names: readonly string[]): Reasons =>
  Object.fromEntries(names.map((name) => [name, reason]));

const GENERAL = ['completion', 'help', 'manual', 'version'];
const RENDERS = ['krm-function', 'post-render'];
const GIT = ['git merge-driver', 'git pre-commit', 'git textconv'];
const KEY_COMMANDS = Object.keys(COMMANDS).filter((name) => name.startsWith('keys '));

const WITHOUT: Readonly<Record<'dry-run' | 'json' | 'fail-fast', Reasons>> = {
  'dry-run': {
    ...of(READS, 'audit verify', 'cert check', 'check', 'diff', 'inspect', 'validate', 'why'),
    ...of(READS, 'keys list', 'keys verify'),
    ...of(EXPLAINS, ...GENERAL),
    ...of(FILTERS, ...RENDERS),
    ...of(RUN_BY_GIT, ...GIT),
    ...of(NEW_SECRETS, 'keys join', 'keys new', 'keys split'),
    'keys rotate': 'the controller makes the key, and nothing here depends on what it will be',
    exec: 'what the program would do is not known',
    unseal: 'what it would write are the values themselves',
  },
  json: {
    ...of(EXPLAINS, ...GENERAL),
    ...of(FILTERS, ...RENDERS),
    ...of(RUN_BY_GIT, ...GIT),
    exec: 'stdout belongs to the program',
    unseal: '-o json prints Secrets, and --json means a document without values everywhere else',
  },
  'fail-fast': {
    ...of(ONE_THING, 'create', 'import', 'git install', 'git uninstall'),
    ...of(EXPLAINS, ...GENERAL),
    ...of(FILTERS, ...RENDERS),
    ...of(RUN_BY_GIT, ...GIT),
    ...of(FEW_KEYS, ...KEY_COMMANDS),
    'audit verify': 'its files are one chain, of which each break counts',
    exec: 'it runs nothing unless every value opens',
  },
};

describe.each(Object.entries(WITHOUT))('--%s', (flag, reasons) => {
  it.each(Object.keys(COMMANDS))('%s has it, or there is a reason', (name) => {
    const has = COMMANDS[name]?.flags[flag] !== undefined;
    expect({ has, reason: reasons[name] }).toEqual(
      has ? { has: true, reason: undefined } : { has: false, reason: expect.stringMatching(/./) },
    );
  });
  it('is missing for no command that does not exist', () => {
    expect(Object.keys(reasons).filter((name) => COMMANDS[name] === undefined)).toEqual([]);
  });
});

describe('--quiet', () => {
  it.each(Object.entries(COMMANDS))('%s has it', (name, command) => {
    expect(commandHelp(name, command, 'kubeseal')).toMatch(/^ +--quiet /m);
  });
});

/** Commands about files that take no directory, or not `-`. */
const OTHER_FILES: Reasons = {
  ...of(RUN_BY_GIT, 'git merge-driver', 'git textconv'),
  ...of('the file is a backup of keys', 'keys restore', 'keys verify'),
  'keys join': 'the files are shares of a secret',
  'audit verify': 'the files are one log, in the order in which they were written',
  edit: 'an editor needs one file',
  copy: 'what comes from stdin has no place in a layout',
};
/** How each other command about files is called, behind the path. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  check: [],
  diff: ['d'],
  exec: [...WITH_KEY, '--', 'true'],
  inspect: [],
  're-encrypt': [...WITH_KEY, '--cert', 'cert', '--dry-run'],
  rename: ['a', 'b', '--name', 'db', '--dry-run'],
  set: ['a', '--name', 'db', '--dry-run'],
  sign: ['--key', 'none', '--dry-run'],
  unseal: [...WITH_KEY],
  unset: ['a', '--name', 'db', '--dry-run'],
  validate: [...WITH_KEY],
  why: [],
};
const SEALED = await sealedYaml({ a: 'A' });

describe('a command about files', () => {
  const names = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.arguments.offers === 'files');
  it.each(names.filter((name) => OTHER_FILES[name] === undefined))(
    '%s takes a directory and stdin, or there is a reason',
    async (name) => {
      const call = CALLS[name];
      if (!call) throw new Error(`${name} is missing in CALLS of this test`);
      for (const path of ['d', '-']) {
        const argv = [...name.split(' '), path, ...call];
        const { code, stderr } = await runCli({
          argv,
          files: { ...KEYS, cert: CERT, 'd/a.yaml': SEALED },
          stdin: SEALED,
        });
        expect({ path, code, stderr }).toEqual({ path, code: 0, stderr: expect.any(String) });
      }
    },
  );
  it('stands only once', () => {
    expect([...Object.keys(OTHER_FILES), ...Object.keys(CALLS)].sort()).toEqual(names.toSorted());
  });
});
