import { type CommandTable, defineCommand } from '../../invocation/command.ts';
import { CREATE_FLAGS } from '../../invocation/flags/command-flags.ts';
import { IMPORT_FLAGS } from '../../invocation/flags/import-flags.ts';

/** The commands that make SealedSecrets. */
export const SEAL_COMMANDS: CommandTable = {
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
      {
        what: 'Seal a new SSH key that nobody knows, and register its public half',
        line: 'kubeseal create shop/git --type ssh-auth --generate ssh-privatekey=ssh --print-public -w git.yaml',
      },
    ],
    check: async (given) => void (await import('./create.ts')).planOf(given),
    run: async (given, world) => (await import('./create.ts')).create(given, world),
  }),
  import: defineCommand({
    summary:
      'Makes a SealedSecret of values that stand elsewhere, without showing them or writing them in the clear. SOURCE is one of secret:[NAMESPACE/]NAME, env:FILE, sops:FILE, kubesec:FILE, vault:PATH, aws-sm:ID, aws-ssm:NAME, gcp-sm:projects/PROJECT/secrets/SECRET, azure-kv:VAULT/NAME and external-secret:FILE; several are put together. Without NAME the source says it.',
    group: 'Seal',
    arguments: { usage: 'SOURCE... [[NAMESPACE/]NAME]', least: 1, most: Number.POSITIVE_INFINITY },
    flags: IMPORT_FLAGS,
    examples: [
      {
        what: 'Take over a Secret that is in the cluster',
        line: 'kubeseal import secret:shop/db -w db.yaml',
      },
      {
        what: 'Seal a file that SOPS encrypted',
        line: 'kubeseal import sops:db.enc.yaml shop/db -w db.yaml',
      },
      {
        what: 'Seal two values of Vault, one under another name',
        line: 'kubeseal import vault:secret/shop/db --item user --item pass=password shop/db -w db.yaml',
      },
      {
        what: 'See what an ExternalSecret would give',
        line: 'kubeseal import external-secret:db.yaml --secret-store store.yaml --dry-run',
      },
    ],
    check: async (given) => void (await import('./import.ts')).readImport(given),
    run: async (given, world) => (await import('./import.ts')).importSecret(given, world),
  }),
};
