// Over 200 lines: the one object whose state decides which keys open and which one seals.
import { KeyRing, SealedSecretsError, type ValueFormat } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import type { Metrics } from '../metrics.ts';
import { measureBackups } from './backup-metric.ts';
import { KeyLine, type RingKey } from './key-line.ts';
import { isMadeBySealedSecret, isWrapped, plantedKey, type SealingKey } from './key-secret.ts';
import { type KeySource, LABEL_OF, type ReadOptions, readKey } from './kinds.ts';
import type { Refusals } from './refusals.ts';
import { RemovedKeys } from './removed-keys.ts';
import { type KeyReportsDeps, reportLoaded, reportRefused, reportRemoved } from './reports/key-reports.ts';

/** A key Secret with its private key in the clear, or the reason why there is none. */
type KeyObject = KubeObject | SealedSecretsError;

/** Wrapped key Secrets, whose keys a key service has to unwrap. */
export interface Locks {
  /** Calls back with the Secret as a plain one would be, or with the reason why that can never be. */
  unlock(at: string, secret: KubeObject, unlocked: (plain: KeyObject) => Promise<void>): void;
  forget(at: string): void;
  /** When the newest key of a format that is not unwrapped yet began to count; undefined for none. */
  since(format: ValueFormat): Date | undefined;
}

/** What the registry needs. */
export interface RegistryDeps extends KeyReportsDeps {
  readonly order: 'CertNotBefore' | 'SecretCreationTimestamp';
  /** Imported copies of each private key: one per thread that decrypts. */
  readonly copies: number;
  readonly now: () => Date;
  readonly refusals: Pick<Refusals, 'has' | 'refuse'>;
  readonly locks: Locks;
  readonly splitKeys?: ReadOptions['splitKeys'];
  readonly metrics: Pick<
    Metrics,
    | 'keys'
    | 'keyErrors'
    | 'keysUnreadable'
    | 'keyCreated'
    | 'keyLastBackup'
    | 'certificateExpiry'
    | 'v2KeyCreated'
    | 'v2KeyExpiry'
  >;
}

/** A key Secret as it was found. */
interface Found {
  readonly secret: KubeObject;
  readonly source: KeySource;
}

/**
 * The sealing keys as the key Secrets are right now. Changes are read one after the other, in the order in
 * which they arrived. A Secret that cannot be read costs only its own key.
 */
export class KeyRegistry {
  /** Keys that are no longer in the ring, as far as they are known. */
  readonly removed = new RemovedKeys();
  readonly #deps: RegistryDeps;
  /** Like all maps here by label and name of the Secret: one Secret can have both labels. */
  readonly #keys = new Map<string, RingKey>();
  /**
   * The version of each Secret that was read last, so that a change that arrives twice (watch and own list)
   * is read once.
   */
  readonly #versions = new Map<string, string>();
  /** Secrets that cannot be read as they are now. */
  readonly #unreadable = new Set<string>();
  /** When removed keys began to count, by fingerprint. */
  readonly #lostSince = new Map<string, Date>();
  readonly #listeners: (() => void)[] = [];
  readonly #lossListeners: ((key: SealingKey) => void)[] = [];
  #keyRing = KeyRing.of();
  #inOrder: readonly RingKey[] = [];
  #tail: Promise<void> = Promise.resolve();

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
  }

  /** The keys that may open values now. */
  get keyRing(): KeyRing {
    return this.#keyRing;
  }

  /** The RSA key to seal with; undefined while there is none. */
  get newest(): SealingKey | undefined {
    return this.#line('v1').newest;
  }

  /** The keys of format v2 that one may seal with now, newest first. */
  get offeredV2(): readonly SealingKey[] {
    return this.#line('v2').valid;
  }

  /**
   * When the newest key of a format began to count in the configured order. A wrapped key that cannot be
   * unwrapped counts too: a key service that fails must not lead to new keys.
   */
  newestSince(format: ValueFormat): Date | undefined {
    const { newestBegun } = this.#line(format);
    const known = newestBegun && this.#since(newestBegun);
    const locked = this.#deps.locks.since(format);
    return known && locked && known > locked ? known : (locked ?? known);
  }

  /** Whether a newer key than the newest of a format is asked for. */
  isReplacementAsked(format: ValueFormat): boolean {
    return this.#line(format).newestBegun?.isReplacementAsked === true;
  }

  /** Whether a key that may be sealed with is held whole by a key service, under this name. */
  isHeld(name: string): boolean {
    return this.#inOrder.some(({ heldAs, isServable }) => isServable && heldAs === name);
  }

  #line(format: ValueFormat): KeyLine {
    return new KeyLine(format, this.#inOrder, this.#deps.now());
  }

  /**
   * When the oldest key whose fingerprint `isMeant` began to count, in the configured order; undefined for
   * none. Removed keys that this process has known are included.
   */
  oldestSince(isMeant: (fingerprint: string) => boolean): Date | undefined {
    const key = this.#inOrder.findLast(({ keyPair }) => isMeant(keyPair.id));
    const lost = [...this.#lostSince].filter(([fingerprint]) => isMeant(fingerprint));
    const dates = [...(key ? [this.#since(key)] : []), ...lost.map(([, since]) => since)];
    return dates.sort((a, b) => a.getTime() - b.getTime())[0];
  }

  /** Calls `listener` after each change of the key ring. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` with each key that no Secret holds any more, after `onChange`. */
  onLoss(listener: (key: SealingKey) => void): void {
    this.#lossListeners.push(listener);
  }

  /**
   * Reads a key Secret that was added or changed. One that is not marked active counts as removed, but for
   * the legacy one without any mark.
   */
  upsert(secret: KubeObject, source: KeySource = 'labelled'): Promise<void> {
    const label = secret.metadata.labels?.[LABEL_OF[source]];
    const isCounted = label === 'active' || (source === 'legacy' && label === undefined);
    if (!isCounted) return this.remove(secret.metadata.name ?? '', source);
    const { locks } = this.#deps;
    return this.#enqueue(async () => {
      const { name = '', uid, resourceVersion } = secret.metadata;
      const at = placeOf(name, source);
      const version = `${uid}/${resourceVersion}`;
      if (resourceVersion && this.#versions.get(at) === version) return;
      this.#versions.set(at, version);
      const take = (read: KeyObject) => this.#take(at, read, { secret, source });
      if (source !== 'own-kind' || !isWrapped(secret) || this.#isPlanted(secret)) {
        locks.forget(at);
        return take(secret);
      }
      // away from this queue: a slow key service delays no other key
      locks.unlock(at, secret, (plain) =>
        this.#enqueue(async () => (this.#versions.get(at) === version ? take(plain) : undefined)),
      );
    });
  }

  async #take(at: string, readable: KeyObject, { secret, source }: Found): Promise<void> {
    const read = await this.#read(readable, { secret, source });
    const isActive = secret.metadata.labels?.[LABEL_OF[source]] === 'active';
    // a key of format v2 without a validity has nothing to serve
    const key = read && { ...read, isServable: isActive && read.notBefore < read.notAfter };
    this.#noteReadable(at, key !== undefined);
    this.#replace(at, key);
  }

  #replace(at: string, key: RingKey | undefined): void {
    const known = this.#keys.get(at);
    if (key) this.#keys.set(at, key);
    else this.#keys.delete(at);
    measureBackups(this.#deps.metrics.keyLastBackup, this.#keys.values(), this.#deps.now());
    if (
      key?.keyPair.id !== known?.keyPair.id ||
      key?.published !== known?.published ||
      key?.notAfter.getTime() !== known?.notAfter.getTime() ||
      key?.isReplacementAsked !== known?.isReplacementAsked ||
      key?.isServable !== known?.isServable
    ) {
      this.#rebuild(known);
    }
    if (known && key?.keyPair.id !== known.keyPair.id) this.#noteRemoval(known);
  }

  /** Forgets the key of a Secret that was deleted or is no longer active. */
  remove(name: string, source: KeySource = 'labelled'): Promise<void> {
    return this.#enqueue(async () => {
      const at = placeOf(name, source);
      this.#versions.delete(at);
      this.#deps.locks.forget(at);
      this.#noteReadable(at, true);
      this.#replace(at, undefined);
    });
  }

  /** Resolves when every change so far was applied. */
  settle(): Promise<void> {
    return this.#tail;
  }

  #enqueue(change: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(change);
    return this.#tail;
  }

  /** The key was removed, or replaced by another pair in the same Secret. */
  #noteRemoval(key: SealingKey): void {
    const { id: fingerprint } = key.keyPair;
    void reportRemoved(this.#deps, key);
    if (this.#keyRing.keys.some(({ id }) => id === fingerprint)) return;
    this.removed.noteLoss(fingerprint, this.#deps.now());
    for (const listener of this.#lossListeners) listener(key);
  }

  #noteReadable(at: string, isReadable: boolean): void {
    if (isReadable) this.#unreadable.delete(at);
    else this.#unreadable.add(at);
    this.#deps.metrics.keysUnreadable.set(this.#unreadable.size);
  }

  #isPlanted(secret: KubeObject): boolean {
    return isMadeBySealedSecret(secret) || this.#deps.refusals.has(secret);
  }

  async #read(readable: KeyObject, { secret, source }: Found): Promise<SealingKey | undefined> {
    const { copies, splitKeys, refusals } = this.#deps;
    try {
      if (this.#isPlanted(secret)) {
        void refusals.refuse(secret);
        throw plantedKey(secret);
      }
      if (readable instanceof SealedSecretsError) throw readable;
      const key = await readKey(readable, source, { copies, splitKeys });
      reportLoaded(this.#deps, secret, key.keyPair.id);
      return key;
    } catch (error) {
      reportRefused(this.#deps, secret, error);
      return undefined;
    }
  }

  #since(key: SealingKey): Date {
    return this.#deps.order === 'CertNotBefore' ? key.notBefore : key.createdAt;
  }

  /** Newest first. Equal ones keep the order of creation, in which upstream registers them. */
  #rebuild(removed?: SealingKey): void {
    if (removed) this.#lostSince.set(removed.keyPair.id, this.#since(removed));
    this.#inOrder = [...this.#keys.values()].sort(
      (a, b) =>
        this.#since(b).getTime() - this.#since(a).getTime() ||
        a.createdAt.getTime() - b.createdAt.getTime() ||
        (a.name < b.name ? -1 : 1),
    );
    this.#keyRing = KeyRing.of(...this.#inOrder.map(({ keyPair }) => keyPair));
    for (const { id } of this.#keyRing.keys) this.#lostSince.delete(id);
    this.#measure();
    for (const listener of this.#listeners) listener();
  }

  #measure(): void {
    const { metrics } = this.#deps;
    metrics.keys.set(this.#keyRing.keys.length);
    if (this.newest) {
      metrics.keyCreated.set(this.#since(this.newest).getTime() / 1000);
      metrics.certificateExpiry.set(this.newest.notAfter.getTime() / 1000);
    }
    const [newestV2] = this.offeredV2;
    if (!newestV2) {
      metrics.v2KeyCreated.remove();
      metrics.v2KeyExpiry.remove();
      return;
    }
    metrics.v2KeyCreated.set(this.#since(newestV2).getTime() / 1000);
    metrics.v2KeyExpiry.set(newestV2.notAfter.getTime() / 1000);
  }
}

function placeOf(name: string, source: KeySource): string {
  return `${LABEL_OF[source]} ${name}`;
}
