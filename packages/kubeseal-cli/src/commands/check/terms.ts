import { printable, SealedSecretsError } from '@fuin/crypto-core';
import { type Failure, isFailure } from '../../input/tree/failures.ts';
import type { ExpectedFormat } from '../../inspect/lint/judge-format.ts';
import type { FileTerms } from '../../inspect/lint/judge-terms.ts';
import { keysFor, type PinnedKey, pinnedKeyOf, readPinnedKeys } from '../../inspect/pinned-keys.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { LINT_FLAGS } from '../../invocation/flags/check-flags.ts';
import { isUrl } from '../../invocation/settings/certificate-source.ts';
import { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { Settings } from '../../invocation/settings/settings.ts';
import type { Io } from '../../io/io.ts';
import { expectedFormats } from './expected.ts';
import { certificateOf, clusterFor, type PlacedCluster, placedCluster } from './pinned-cluster.ts';

type Flags = Pick<CommandLine<typeof LINT_FLAGS>['flags'], 'certs' | 'config' | 'no-config'>;
type World = Pick<CommandWorld, 'warn'> & { readonly io: Pick<Io, 'cwd'> };
type Found = Awaited<ReturnType<typeof clusterFor>>;

/**
 * What the SealedSecrets of each file are held to: the certificates of --certs, or else those of the
 * settings, and the rules of the settings. No server is contacted.
 */
export class Terms {
  readonly #certs: readonly PinnedKey[];
  readonly #settings: RunSettings;
  readonly #world: World;
  readonly #formatOf: ReturnType<typeof expectedFormats>;
  readonly #clusters = new Map<string, Promise<PinnedKey | Failure | undefined>>();
  readonly #compared = new Map<string, PinnedKey>();
  readonly #failures = new Map<string, Failure>();

  private constructor(certs: readonly PinnedKey[], settings: RunSettings, world: World) {
    this.#certs = certs;
    this.#settings = settings;
    this.#world = world;
    this.#formatOf = expectedFormats(world);
  }

  /** @throws ERR_USAGE, and ERR_CERTIFICATE_INVALID for --certs */
  static async of(flags: Flags, world: World): Promise<Terms> {
    const certs = await readPinnedKeys(world.io.cwd, flags.certs);
    return new Terms(certs, new RunSettings(flags, world.io.cwd), world);
  }

  /** The keys of all certificates that files were compared with. */
  get compared(): readonly PinnedKey[] {
    return this.#certs.length > 0 ? this.#certs : [...this.#compared.values()];
  }

  /** Settings that cannot be read, and certificates of settings that cannot be used, each once. */
  get failures(): readonly Failure[] {
    return [...this.#failures.values()];
  }

  async for(file: string): Promise<FileTerms> {
    const found = await this.#clusterFor(file);
    const about = { cluster: found?.key, rule: found?.rule };
    if (this.#certs.length > 0 || !found)
      return { own: keysFor(file, this.#certs, this.#world.io.cwd), known: this.#certs, ...about };
    const own = await this.#keyOf(found);
    if (isFailure(own)) this.#failures.set(own.error.message, own);
    const known = await this.#keysOf(found.settings);
    if (own === undefined || isFailure(own)) return { own: [], known, ...about };
    this.#compared.set(found.key, own);
    return { own: [own], known, ...about };
  }

  /** In which format the settings want the values of a file; undefined where they do not say. */
  async formatFor(file: string): Promise<ExpectedFormat | undefined> {
    const found = await this.#clusterFor(file);
    return found && this.#formatOf(found);
  }

  async #clusterFor(file: string): Promise<Found> {
    try {
      return await clusterFor(file, this.#settings, this.#world.io);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      this.#failures.set(error.message, { where: file, error });
      return undefined;
    }
  }

  /** Of all clusters: they tell whose a key is. One that cannot be used matters to its own files only. */
  async #keysOf(settings: Settings): Promise<PinnedKey[]> {
    const names = [...settings.values.clusters.keys()];
    const keys = await Promise.all(names.map((name) => this.#keyOf(placedCluster(settings, name))));
    return keys.flatMap((key) => (key === undefined || isFailure(key) ? [] : [key]));
  }

  #keyOf(placed: PlacedCluster): Promise<PinnedKey | Failure | undefined> {
    const known = this.#clusters.get(placed.key) ?? keyOf(placed, this.#world);
    this.#clusters.set(placed.key, known);
    return known;
  }
}

/** The key that values are sealed with for a cluster; undefined where only its controller knows it. */
async function keyOf(placed: PlacedCluster, { io, warn }: World): Promise<PinnedKey | Failure | undefined> {
  const { cluster, settings } = placed;
  const { fingerprint } = cluster;
  const { where } = settings.place;
  const name = `cluster ${printable(cluster.name)} of ${where}`;
  try {
    const pinned = await certificateOf(placed, io);
    if (pinned) return await pinnedKeyOf(pinned.certificate, pinned.source);
    if (fingerprint !== undefined)
      return { name, file: where, fingerprint: fingerprint.replace(/=+$/, ''), isNewest: true };
    if (cluster.certificate !== undefined && isUrl(cluster.certificate))
      warn(`note: ${name} has its certificate at a URL and no fingerprint: nothing is fetched and compared`);
    return undefined;
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    const { code, message, hint } = error;
    return {
      where,
      error: new SealedSecretsError(code, `${name}: ${message}`, hint === undefined ? {} : { hint }),
    };
  }
}
