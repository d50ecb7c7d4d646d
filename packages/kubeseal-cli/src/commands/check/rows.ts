import { type CommandTable, defineCommand, PATHS } from '../../invocation/command.ts';
import { AUDIT_FLAGS, INSPECT_FLAGS, LINT_FLAGS, WHY_FLAGS } from '../../invocation/flags/check-flags.ts';
import { VALIDATE_FLAGS } from '../../invocation/flags/tree-flags.ts';

/** The commands that judge and explain files. */
export const CHECK_COMMANDS: CommandTable = {
  'audit verify': defineCommand({
    summary:
      "Checks the hash chain of the controller's audit log: files in the order in which they were written, or - for stdin. Exit code 3 means that a line was changed, removed or moved. Only --head, an anchor from elsewhere, proves that nothing was cut off at the end and that the whole chain was not written anew.",
    group: 'Check',
    arguments: { usage: 'FILE...', least: 1, most: Number.POSITIVE_INFINITY, offers: 'files' },
    flags: AUDIT_FLAGS,
    examples: [
      { what: 'Check a log and the file before it', line: 'kubeseal audit verify audit.jsonl.1 audit.jsonl' },
      {
        what: 'Check that it still holds the line of an anchor, and nothing after it was changed',
        line: 'kubeseal audit verify --head "$ANCHOR" audit.jsonl',
      },
    ],
    check: async (given) => void (await import('./audit.ts')).anchorsOf(given),
    run: async (given, world) => (await import('./audit.ts')).verifyAudit(given, world),
  }),
  check: defineCommand({
    summary:
      'Finds Secrets in the clear, items of SealedSecrets that are not sealed, and what will not open, without a cluster. Exit code 3 means that there are errors; warnings only print. The file - means stdin, and a directory the YAML and JSON files below it.',
    group: 'Check',
    arguments: { usage: '-- FILE...', least: 1, most: Number.POSITIVE_INFINITY, offers: 'files' },
    flags: LINT_FLAGS,
    examples: [
      {
        what: 'Check the files of a directory before they are committed',
        line: 'kubeseal check -- deploy/*.yaml',
      },
      { what: 'Check the whole repository', line: 'kubeseal check .' },
      {
        what: 'Check that each cluster has what was sealed for it',
        line: 'kubeseal check --certs "clusters/*/cert.pem" clusters/',
      },
      { what: 'Report to GitHub code scanning', line: 'kubeseal check -o sarif . > check.sarif' },
    ],
    check: async (given) => (await import('./check.ts')).readCheck(given),
    run: async (given, world) => (await import('./check.ts')).check(given, world),
  }),
  inspect: defineCommand({
    summary:
      'Shows scope, size and sealing key of each item of SealedSecrets, and whether the key is current or stale, as far as there is evidence. Reads files, the YAML and JSON files below directories, and - for stdin. Exit code 1 means that something could not be read.',
    group: 'Check',
    arguments: PATHS,
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
    check: async (given) => (await import('../../invocation/json-output.ts')).refuseTwoOutputs(given),
    run: async (given, world) => (await import('./inspect.ts')).inspect(given, world),
  }),
  why: defineCommand({
    summary:
      'Tells why SealedSecrets do not open ("no key could decrypt secret"), as far as there is evidence: damaged values, another name, namespace, scope or key. Reads files, the YAML and JSON files below directories, and - for stdin.',
    group: 'Check',
    arguments: PATHS,
    flags: WHY_FLAGS,
    examples: [
      { what: 'See what is wrong with a file', line: 'kubeseal why db.yaml' },
      {
        what: 'Try your keys, and tell the clusters apart by their certificates',
        line: 'kubeseal why --recovery-private-key keys.yaml --certs "clusters/*/cert.pem" db.yaml',
      },
      { what: 'Ask the cluster too', line: 'kubeseal why --from-cluster db.yaml' },
    ],
    run: async (given, world) => (await import('./why.ts')).why(given, world),
  }),
  validate: defineCommand({
    summary:
      'Tells whether all SealedSecrets can be opened, in files, the YAML and JSON files below directories, and - for stdin. The controller is asked, or --recovery-private-key tried without a cluster. Exit code 3 means that one does not open.',
    group: 'Check',
    arguments: PATHS,
    flags: VALIDATE_FLAGS,
    examples: [
      { what: 'Ask the controller of the current context', line: 'kubeseal validate clusters/prod' },
      {
        what: 'Try a backup of the keys, without a cluster',
        line: 'kubeseal validate --recovery-private-key keys.yaml clusters/prod',
      },
    ],
    run: async (given, world) => (await import('./validate.ts')).validateTree(given, world),
  }),
};
