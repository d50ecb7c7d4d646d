import { type Recipient, SealedSecretsError } from '@fuin/crypto-core';
import type { CommandWorld } from '../../invocation/command.ts';
import { type Sealing, sealingOf } from '../../invocation/invocation.ts';
import type { Rule } from '../../invocation/settings/fields.ts';
import { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { NamedCluster, Settings } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { openSealingKey } from './certificate.ts';
import { type CertificateGiven, choosingFlag, clusterSealing } from './cluster-sealing.ts';
import { filesOf } from './sealed-paths.ts';

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
   * Each certificate is opened once a run, and a note on stderr says once that it is used.
   *
   * @throws ERR_USAGE where the settings have no rule for the file; the errors of openSealingKey
   */
  recipientFor(file: string): Promise<Recipient>;
  /** The namespace for an object of the file that names none; empty where nothing says it. */
  namespaceFor(file: string): Promise<string>;
  /** What the settings say about new SealedSecrets in the file. @throws ERR_USAGE */
  ruleFor(file: string): Promise<FileRule | undefined>;
  /** Certificate, controller and kubeconfig for the file, to ask its cluster. @throws ERR_USAGE */
  sealingFor(file: string): Promise<Sealing>;
}

/** A rule, and where it stands. */
export interface FileRule extends Rule {
  /** `.kubeseal.yaml line 7`, for messages. */
  readonly where: string;
}

/** What one file is sealed with. */
interface Choice {
  /** The same for all files that are sealed with the same certificate. */
  readonly key: string;
  readonly sealing: Sealing;
  readonly cluster?: NamedCluster;
  readonly rule: FileRule | undefined;
}

/** What flags, environment and settings choose for each file. @throws ERR_USAGE */
export function sealerOf(given: CertificateGiven, world: CommandWorld): Sealer {
  const chooser = new Chooser(given, world);
  const opening = new Map<string, Promise<Recipient>>();
  const noted = new Map<string, Promise<void>>();
  const open = async (choice: Choice) => {
    const recipient = opening.get(choice.key) ?? openSealingKey(choice.sealing);
    opening.set(choice.key, recipient);
    return recipient;
  };
  return {
    check: (paths) => checkAny(filesOf(paths, world.io), async (file) => open(await chooser.choose(file))),
    recipientFor: async (file) => {
      const choice = await chooser.choose(file);
      const recipient = await open(choice);
      if (!world.warns) return recipient;
      const note = noted.get(choice.key) ?? noteOf(recipient, choice);
      noted.set(choice.key, note);
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
    ruleFor: async (file) => (await chooser.choose(file)).rule,
    sealingFor: async (file) => (await chooser.choose(file)).sealing,
  };
}

class Chooser {
  readonly #given: CertificateGiven;
  readonly #world: CommandWorld;
  readonly #settings: RunSettings;
  readonly #base: Sealing;
  readonly #clusters = new Map<string, Sealing>();
  #hasWarned = false;

  constructor(given: CertificateGiven, world: CommandWorld) {
    this.#given = given;
    this.#world = world;
    this.#settings = new RunSettings(given.flags, world.io.cwd);
    this.#base = sealingOf(given, world);
  }

  async choose(given: string): Promise<Choice> {
    const file = isStream(given) || given === 'stdin' ? '' : given;
    const { for: asked } = this.#given.flags;
    const settings = await this.#settings.settingsFor(file);
    const flag = choosingFlag(this.#given, this.#world.io);
    if (asked !== '' && flag !== undefined) throw usageError(`--for and --${flag} exclude each other`);
    if (!settings && asked !== '')
      throw usageError(`--for ${asked} needs a settings file`, 'there is no .kubeseal.yaml; see --config');
    if (!settings) return { key: '', sealing: this.#base, rule: undefined };
    const rule = file === '' ? undefined : settings.ruleFor(file, this.#world.io.cwd);
    const placed = rule && { ...rule, where: `${settings.place.where} line ${rule.line}` };
    if (flag !== undefined) {
      if (placed) this.#warnOf(flag, file, placed);
      return { key: '', sealing: this.#base, rule: placed };
    }
    const cluster = settings.cluster(clusterName(file, asked, placed, settings));
    return { ...this.#sealingFor(cluster, settings), cluster, rule: placed };
  }

  #sealingFor(cluster: NamedCluster, { place }: Settings): Pick<Choice, 'key' | 'sealing'> {
    const key = `${place.path}\0${cluster.name}`;
    const sealing = this.#clusters.get(key) ?? clusterSealing(cluster, place, this.#given, this.#world);
    this.#clusters.set(key, sealing);
    return { key, sealing };
  }

  #warnOf(flag: string, file: string, { where, cluster }: FileRule): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#world.warn(`warning: --${flag} counts, and not cluster ${cluster}, for which ${where} has ${file}`);
  }
}

/** The cluster of a file. @throws ERR_USAGE where nothing says it, or two things say different ones */
function clusterName(file: string, asked: string, rule: FileRule | undefined, settings: Settings): string {
  const { place, values } = settings;
  const { where } = place;
  if (asked !== '') settings.cluster(asked);
  if (asked !== '' && rule !== undefined && rule.cluster !== asked)
    throw usageError(
      `${file} is for cluster ${rule.cluster} by ${rule.where}, not for ${asked}`,
      'change the rule, or name another file; --cert wins over the rules',
    );
  const name = asked || rule?.cluster;
  if (name !== undefined) return name;
  const clusters = [...values.clusters.keys()].slice(0, 20).join(', ');
  throw usageError(
    file === ''
      ? `${where} goes by names of files, and stdin and stdout have none`
      : `no rule of ${where} matches ${file}`,
    `name a cluster with --for (${clusters}), ${file === '' ? 'name a file' : 'add a rule'}, or give --cert or --context`,
  );
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

/** Says which certificate is sealed with. */
async function noteOf(recipient: Recipient, { sealing, cluster }: Choice): Promise<void> {
  if (cluster === undefined || cluster.context !== undefined)
    return (await import('./used-certificate.ts')).noteCertificate(recipient, sealing, cluster?.name);
  const { source } = sealing.certificate;
  sealing.warn(`note: sealed with the certificate ${recipient.id} of ${source}, cluster ${cluster.name}`);
}
