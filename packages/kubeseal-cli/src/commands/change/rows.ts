import { type CommandTable, defineCommand, PATHS } from '../../invocation/command.ts';
import {
  CHANGE_ITEM_FLAGS,
  COPY_FLAGS,
  SET_FLAGS,
  SIGN_COMMAND_FLAGS,
} from '../../invocation/flags/command-flags.ts';
import { RE_ENCRYPT_FLAGS } from '../../invocation/flags/tree-flags.ts';

/** The commands that change SealedSecrets in files. */
export const CHANGE_COMMANDS: CommandTable = {
  copy: defineCommand({
    summary:
      'Seals the SealedSecrets of a file or directory again for another cluster, into new files of the same layout. Keys or the cluster of the source open them; the settings file, --for or --cert say for which cluster DST is.',
    group: 'Change',
    arguments: { usage: 'SRC DST', least: 2, most: 2, offers: 'files' },
    flags: COPY_FLAGS,
    examples: [
      {
        what: 'Onboard a cluster, for which .kubeseal.yaml has a rule',
        line: 'kubeseal copy clusters/prod clusters/new --recovery-private-key keys.yaml',
      },
      {
        what: 'Read the values from the cluster of a context, and name the certificate',
        line: 'kubeseal copy clusters/prod clusters/new --from-cluster --context prod --cert new.pem',
      },
    ],
    check: async (given) => (await import('./copy.ts')).checkCopy(given),
    run: async (given, world) => (await import('./copy.ts')).copy(given, world),
  }),
  're-encrypt': defineCommand({
    summary:
      'Seals items of SealedSecrets again that older keys sealed, in files, the YAML and JSON files below directories, and - for stdin. Everything else stays byte for byte. The controller does it, or --recovery-private-key without a cluster.',
    group: 'Change',
    arguments: PATHS,
    flags: RE_ENCRYPT_FLAGS,
    examples: [
      { what: 'Bring a repository up to the newest key', line: 'kubeseal re-encrypt clusters/prod' },
      {
        what: 'The same without a cluster, from a backup of the keys',
        line: 'kubeseal re-encrypt --recovery-private-key keys.yaml --cert cert.pem clusters/prod',
      },
      {
        what: 'Fail in CI if an older key sealed anything',
        line: 'kubeseal re-encrypt --check clusters/prod',
      },
      {
        what: 'Bring a repository into the post-quantum format, for the key of the controller',
        line: 'kubeseal re-encrypt --to v2 --recovery-private-key keys.yaml clusters/prod',
      },
    ],
    check: async (given) => (await import('./re-encrypt.ts')).checkReEncrypt(given),
    run: async (given, world) => (await import('./re-encrypt.ts')).reEncrypt(given, world),
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
  sign: defineCommand({
    summary:
      'Signs the SealedSecrets of files and directories with a key of SSH, in an annotation. ssh-keygen makes the signature, with the file of a private key or by the agent. kubeseal check --allowed-signers checks it, and so does a controller with --require-signer.',
    group: 'Change',
    arguments: PATHS,
    flags: SIGN_COMMAND_FLAGS,
    examples: [
      { what: 'Vouch for a SealedSecret', line: 'kubeseal sign --key ~/.ssh/id_ed25519 db.yaml' },
      {
        what: 'With a key that the agent holds',
        line: 'kubeseal sign --key ~/.ssh/id_ed25519.pub clusters/prod',
      },
    ],
    check: async (given) => (await import('./sign.ts')).checkSign(given),
    run: async (given, world) => (await import('./sign.ts')).sign(given, world),
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
};
