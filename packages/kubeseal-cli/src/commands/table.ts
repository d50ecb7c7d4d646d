import { completionScript, SHELLS } from '../help/completion-scripts.ts';
import { type CommandTable, defineCommand } from '../invocation/command.ts';
import { commandOf } from '../invocation/find-command.ts';
import { COMMON_FLAGS, INSPECT_FLAGS } from '../invocation/flags.ts';
import { CHANGE_ITEM_FLAGS, CREATE_FLAGS, SET_FLAGS } from '../invocation/flags-commands.ts';

const NO_ARGUMENTS = { usage: '', least: 0, most: 0 } as const;

/**
 * The commands beside upstream's command line. Help, manual page, completion, the documentation and the
 * checks of arguments come from these rows; what a command does is in a file of its own, which its row loads.
 */
export const COMMANDS: CommandTable = {
  check: defineCommand({
    summary:
      'Finds Secrets in the clear, items of SealedSecrets that are not sealed, and copies of Secrets in annotations. Exit code 1 means that there are some. The file - means stdin, and a directory the YAML and JSON files below it.',
    group: 'Check',
    arguments: { usage: '-- FILE...', least: 1, most: Number.POSITIVE_INFINITY, offers: 'files' },
    flags: COMMON_FLAGS,
    examples: [
      {
        what: 'Check the files of a directory before they are committed',
        line: 'kubeseal check -- deploy/*.yaml',
      },
      { what: 'Check the whole repository', line: 'kubeseal check .' },
    ],
    run: async ({ arguments: files }, { io }) => (await import('./check.ts')).checkFiles(io, files),
  }),
  completion: defineCommand({
    summary: 'Prints a completion script for a shell.',
    group: 'General',
    arguments: { usage: SHELLS.join('|'), least: 1, most: 1, offers: SHELLS },
    flags: {},
    examples: [{ what: 'Complete in this bash', line: 'source <(kubeseal completion bash)' }],
    run: async ({ arguments: [shell = ''] }, { io }) => io.stdout.write(completionScript(shell)),
  }),
  create: defineCommand({
    summary:
      'Makes a SealedSecret of items that are given one by one. An item without a value is asked for at the terminal and not shown. ITEM=@FILE reads a file, ITEM=@- reads stdin.',
    group: 'Seal',
    arguments: {
      usage: '[NAMESPACE/]NAME [ITEM[=VALUE]]...',
      least: 1,
      most: Number.POSITIVE_INFINITY,
    },
    flags: CREATE_FLAGS,
    examples: [
      {
        what: 'Type the password, and seal it with the certificate of the cluster',
        line: 'kubeseal create shop/db user=ann password -w db.yaml',
      },
      {
        what: 'Seal a certificate with its key',
        line: 'kubeseal create shop/web --type tls tls.crt=@web.crt tls.key=@web.key -w web.yaml',
      },
      {
        what: 'Seal what Vault holds',
        line: 'vault kv get -format=json secret/db | kubeseal create shop/db --from-json - -w db.yaml',
      },
      {
        what: 'Seal a password that nobody knows',
        line: 'kubeseal create shop/db --generate password=password:32 -w db.yaml',
      },
    ],
    check: async (given) => void (await import('./create.ts')).planOf(given),
    run: async (given, world) => (await import('./create.ts')).create(given, world),
  }),
  help: defineCommand({
    summary: 'Prints the help of kubeseal or of a command.',
    group: 'General',
    arguments: { usage: '[COMMAND]', least: 0, most: 1, offers: 'commands' },
    flags: {},
    examples: [],
    run: async ({ arguments: [name] }, { io, commands }) => {
      const { commandHelp, helpText } = await import('../help/help.ts');
      const program = io.programName;
      const text =
        name === undefined
          ? helpText(commands, program)
          : commandHelp(name, commandOf(name, commands), program);
      await io.stdout.write(text);
    },
  }),
  inspect: defineCommand({
    summary:
      'Shows scope, size and sealing key of each item of SealedSecrets, and whether the key is current or stale, as far as there is evidence. Reads files, the YAML and JSON files below directories, and - for stdin. Exit code 1 means that something could not be read.',
    group: 'Check',
    arguments: { usage: 'PATH...', least: 1, most: Number.POSITIVE_INFINITY, offers: 'files' },
    flags: INSPECT_FLAGS,
    examples: [
      { what: 'Inspect all SealedSecrets below a directory', line: 'kubeseal inspect clusters/' },
      {
        what: 'See which key sealed what',
        line: 'kubeseal inspect --recovery-private-key keys.yaml --cert cert.pem -o wide clusters/',
      },
      {
        what: 'Inspect what a cluster holds',
        line: 'kubectl get sealedsecrets -A -o yaml | kubeseal inspect -',
      },
    ],
    run: async ({ arguments: paths, flags }, { io, warn }) => {
      const { inspectTree, printInspection, readKnownKeys } = await import('./inspect.ts');
      const known = await readKnownKeys(io, flags['recovery-private-key'], flags.cert);
      const inspection = await inspectTree(paths, known, io, flags['fail-fast']);
      await printInspection(inspection, flags.output, io, warn);
    },
  }),
  manual: defineCommand({
    summary: 'Prints the manual page.',
    group: 'General',
    arguments: NO_ARGUMENTS,
    flags: {},
    examples: [{ what: 'Read the manual page', line: 'kubeseal manual | man -l -' }],
    run: async (_given, { io, commands }) =>
      io.stdout.write((await import('../help/manual.ts')).manualText(commands)),
  }),
  rename: defineCommand({
    summary: 'Renames an item of SealedSecrets in files. Its sealed value stays as it is.',
    group: 'Change',
    arguments: { usage: 'FILE... OLD NEW', least: 3, most: Number.POSITIVE_INFINITY, offers: 'files' },
    flags: CHANGE_ITEM_FLAGS,
    examples: [{ what: 'Rename an item', line: 'kubeseal rename db.yaml pass password' }],
    check: async (given) => void (await import('./rename.ts')).readRename(given),
    run: async (given, world) => (await import('./rename.ts')).rename(given, world),
  }),
  set: defineCommand({
    summary:
      'Adds or changes an item of SealedSecrets in files, which otherwise stay byte for byte. Without a value it is asked for at the terminal, or read from stdin. ITEM=@FILE reads a file.',
    group: 'Change',
    arguments: { usage: 'FILE... ITEM[=VALUE]', least: 2, most: Number.POSITIVE_INFINITY, offers: 'files' },
    flags: SET_FLAGS,
    examples: [
      { what: 'Type a new password', line: 'kubeseal set db.yaml password' },
      {
        what: 'Give several files the same new password, which nobody knows',
        line: 'kubeseal set shop/db.yaml shop/web.yaml password --generate password:32',
      },
      {
        what: 'Seal what a program prints',
        line: 'openssl rand -hex 16 | tr -d "\\n" | kubeseal set db.yaml token',
      },
    ],
    check: async (given) => void (await import('./set.ts')).readSet(given),
    run: async (given, world) => (await import('./set.ts')).set(given, world),
  }),
  unset: defineCommand({
    summary: 'Removes an item of SealedSecrets in files, which otherwise stay byte for byte.',
    group: 'Change',
    arguments: { usage: 'FILE... ITEM', least: 2, most: Number.POSITIVE_INFINITY, offers: 'files' },
    flags: CHANGE_ITEM_FLAGS,
    examples: [{ what: 'Remove an item', line: 'kubeseal unset db.yaml password' }],
    check: async (given) => void (await import('./rename.ts')).readUnset(given),
    run: async (given, world) => (await import('./rename.ts')).unset(given, world),
  }),
  version: defineCommand({
    summary: 'Prints the version.',
    group: 'General',
    arguments: NO_ARGUMENTS,
    flags: {},
    examples: [],
    run: async (_given, { io, version }) => io.stdout.write(`kubeseal version: ${version}\n`),
  }),
};
