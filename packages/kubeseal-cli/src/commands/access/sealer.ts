import { type Recipient, SealedSecretsError, type ValueFormat } from '@fuin/crypto-core';
import type { CommandWorld } from '../../invocation/command.ts';
import type { Sealing } from '../../invocation/invocation.ts';
import type { SealingFormat } from '../../invocation/sealing-format.ts';
import type { PlacedRule } from '../../invocation/settings/settings.ts';
import { openSealingKey } from './certificate.ts';
import { type Choice, Chooser } from './chooser.ts';
import type { CertificateGiven } from './cluster-sealing.ts';
import { filesOf } from './sealed-paths.ts';
import { noteCertificate } from './used-certificate.ts';

/**
 * What the values in each file are sealed with. A file is named as messages name it; empty, `-` and `stdin`
 * are stdin and stdout.
 */
export interface Sealer {
  /**
   * Opens the certificate for one of the files, or of the SealedSecrets below directories, before a value is
   * asked for. Fails only where no file can be sealed for: the others go on.
   *
   * @throws the errors of openSealingKey
   */
  check(paths: readonly string[]): Promise<void>;
  /**
   * Each certificate, and each list of recipients, is opened once a run, and a note on stderr says once that
   * it is used.
   *
   * @param format by default the one that is asked for, else v1
   * @throws ERR_USAGE where the settings have no rule for the file; the errors of openSealingKey
   */
  recipientFor(file: string, format?: ValueFormat): Promise<Recipient>;
  /** In which format flags and settings want values of the file, and with which terms. @throws ERR_USAGE */
  formatFor(file: string): Promise<SealingFormat>;
  /** The namespace for an object of the file that names none; empty where nothing says it. */
  namespaceFor(file: string): Promise<string>;
  /** What to do where nothing says the namespace, for a hint. */
  readonly namespaceHint: string;
  /** What the settings say about new SealedSecrets in the file. @throws ERR_USAGE */
  ruleFor(file: string): Promise<PlacedRule | undefined>;
  /** Certificate, controller and kubeconfig for the file, to ask its cluster. @throws ERR_USAGE */
  sealingFor(file: string): Promise<Sealing>;
}

/** What flags, environment and settings choose for each file. @throws ERR_USAGE */
export function sealerOf(given: CertificateGiven, world: CommandWorld): Sealer {
  const chooser = new Chooser(given, world);
  const opening = new Map<string, Promise<Recipient>>();
  const noted = new Map<string, Promise<void>>();
  const open = async ({ key, sealing }: Choice, format = sealing.format.asked ?? 'v1') => {
    const recipient = opening.get(key + format) ?? openSealingKey(sealing, format);
    opening.set(key + format, recipient);
    return recipient;
  };
  return {
    check: (paths) => checkAny(filesOf(paths, world.io), async (file) => open(await chooser.choose(file))),
    formatFor: async (file) => (await chooser.choose(file)).sealing.format,
    recipientFor: async (file, format) => {
      const choice = await chooser.choose(file);
      const recipient = await open(choice, format);
      if (!world.warns) return recipient;
      const note = noted.get(choice.key + recipient.id) ?? noteOf(recipient, choice);
      noted.set(choice.key + recipient.id, note);
      await note;
      return recipient;
    },
    namespaceFor: async (file) => {
      const { sealing, cluster, rule } = await chooser.choose(file);
      if (given.flags.namespace !== '' || rule?.namespace !== undefined)
        return given.flags.namespace || (rule?.namespace ?? '');
      if (cluster && cluster.context === undefined) return ''; // another cluster's context says nothing
      return sealing.kubeconfig.namespace().catch(() => '');
    },
    namespaceHint: 'give -n',
    ruleFor: async (file) => (await chooser.choose(file)).rule,
    sealingFor: async (file) => (await chooser.choose(file)).sealing,
  };
}

/** Opens what the files need, until one of them can be sealed for. @throws the first error where none can */
async function checkAny(
  files: AsyncIterable<string>,
  open: (file: string) => Promise<unknown>,
): Promise<void> {
  let first: SealedSecretsError | undefined;
  for await (const file of files) {
    try {
      await open(file);
      return;
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      first ??= error;
    }
  }
  if (first) throw first;
}

/** Says which certificate, or which recipients, are sealed with. */
async function noteOf(recipient: Recipient, { sealing, cluster }: Choice): Promise<void> {
  const isOfContext = cluster === undefined || cluster.context !== undefined;
  if (isOfContext || sealing.format.recipients.length > 0)
    return noteCertificate(recipient, sealing, cluster?.name);
  const { source } = sealing.certificate;
  sealing.warn(`note: sealed with the certificate ${recipient.id} of ${source}, cluster ${cluster.name}`);
}
