import type { ValueFormat } from '@fuin/crypto-core';
import type { CommandWorld } from '../../invocation/command.ts';
import { type Sealing, sealingOf } from '../../invocation/invocation.ts';
import { variableOf } from '../../invocation/options.ts';
import type { FormatSetting } from '../../invocation/sealing-format.ts';
import { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { NamedCluster, PlacedRule, Settings } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { type CertificateGiven, choosingFlag, clusterSealing } from './cluster-sealing.ts';

/** What one file is sealed with. */
export interface Choice {
  /** The same for all files that are sealed with the same certificate. */
  readonly key: string;
  readonly sealing: Sealing;
  readonly cluster?: NamedCluster;
  readonly rule: PlacedRule | undefined;
}

/** Chooses for each file of a run by flags, environment and settings. */
export class Chooser {
  readonly #given: CertificateGiven;
  readonly #world: CommandWorld;
  readonly #settings: RunSettings;
  readonly #sealings = new Map<string, Sealing>();
  /** What was warned of: a warning is about the command line, and is not repeated for each file. */
  readonly #warned = new Set<string>();

  constructor(given: CertificateGiven, world: CommandWorld) {
    this.#given = given;
    this.#world = world;
    this.#settings = new RunSettings(given.flags, world.io.cwd);
  }

  async choose(given: string): Promise<Choice> {
    const file = isStream(given) || given === 'stdin' ? '' : given;
    const { for: asked } = this.#given.flags;
    const settings = await this.#settings.settingsFor(file);
    const flag = choosingFlag(this.#given, this.#world.io);
    if (asked !== '' && flag !== undefined) throw usageError(`--for and --${flag} exclude each other`);
    if (!settings && asked !== '')
      throw usageError(`--for ${asked} needs a settings file`, 'there is no .kubeseal.yaml; see --config');
    if (!settings) return { ...this.#baseFor(undefined), rule: undefined };
    const rule = file === '' ? undefined : settings.ruleFor(file, this.#world.io.cwd);
    const setting = rule?.formatVersion && { version: rule.formatVersion, where: rule.where };
    if (flag !== undefined) {
      if (rule) this.#warnOf(flag, file, rule);
      return { ...this.#baseFor(setting), rule };
    }
    const cluster = settings.cluster(clusterName(file, asked, rule, settings));
    const choice = this.#sealingFor(cluster, settings, setting);
    if (setting) this.#warnOfDowngrade(file, setting, choice.sealing.format.asked);
    return { ...choice, cluster, rule };
  }

  /** What the command line chooses, in the format that a rule asks for. */
  #baseFor(setting: FormatSetting | undefined): Pick<Choice, 'key' | 'sealing'> {
    const key = `\0${setting?.version ?? ''}`;
    return { key, sealing: this.#once(key, () => sealingOf(this.#given, this.#world, setting)) };
  }

  #sealingFor(
    cluster: NamedCluster,
    { place }: Settings,
    setting: FormatSetting | undefined,
  ): Pick<Choice, 'key' | 'sealing'> {
    const key = `${place.path}\0${cluster.name}\0${setting?.version ?? ''}`;
    const make = () => clusterSealing(cluster, place, { given: this.#given, world: this.#world, setting });
    return { key, sealing: this.#once(key, make) };
  }

  #once(key: string, make: () => Sealing): Sealing {
    const sealing = this.#sealings.get(key) ?? make();
    this.#sealings.set(key, sealing);
    return sealing;
  }

  #warnOfDowngrade(file: string, { version, where }: FormatSetting, asked: ValueFormat | undefined): void {
    if (asked !== 'v1' || this.#warned.has(where)) return;
    const variable = variableOf('format-version');
    const isOfSettings = version === 'v1' && this.#world.io.env[variable] === '2';
    if (version === 'v1' && !isOfSettings) return;
    this.#warned.add(where);
    this.#world.warn(
      isOfSettings
        ? `warning: v1 counts, which ${where} asks of ${file}, and not ${variable}=2`
        : `warning: --format-version 1 counts, and not v2, which ${where} asks of ${file}`,
    );
  }

  #warnOf(flag: string, file: string, { where, cluster }: PlacedRule): void {
    if (this.#warned.has(flag)) return;
    this.#warned.add(flag);
    this.#world.warn(`warning: --${flag} counts, and not cluster ${cluster}, for which ${where} has ${file}`);
  }
}

/** The cluster of a file. @throws ERR_USAGE where nothing says it, or two things say different ones */
function clusterName(file: string, asked: string, rule: PlacedRule | undefined, settings: Settings): string {
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
