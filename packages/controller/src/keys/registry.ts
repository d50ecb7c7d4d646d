// Over 200 lines: the one object whose state decides which keys open and which one seals.
import { KEY_LABEL, KeyRing, SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import type { EventRecorder } from '@fuin/kube/events';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { measureBackups } from './backup-metric.ts';
import { isMadeBySealedSecret, plantedKey, readKeySecret, type SealingKey } from './key-secret.ts';
import type { Refusals } from './refusals.ts';

/** Clocks of a cluster differ. A certificate that begins later than this must not be used for sealing yet. */
const CLOCK_SKEW_MS = 300_000;

/** What the registry needs. */
export interface RegistryDeps {
  readonly order: 'CertNotBefore' | 'SecretCreationTimestamp';
  /** Imported copies of each private key: one per thread that decrypts. */
  readonly copies: number;
  readonly now: () => Date;
  readonly refusals: Pick<Refusals, 'has' | 'refuse'>;
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly metrics: Pick<
    Metrics,
    'keys' | 'keyErrors' | 'keysUnreadable' | 'keyCreated' | 'certificateExpiry' | 'keyLastBackup'
  >;
}

interface RingKey extends SealingKey {
  /**
   * False for a Secret without label, which is older than labels, or was created by anyone who may choose a
   * name: its key only opens values.
   */
  readonly isServable: boolean;
}

/**
 * The sealing keys as the key Secrets are right now. Changes are read one after the other, in the order in
 * which they arrived. A Secret that cannot be read costs only its own key.
 */
export class KeyRegistry {
  readonly #deps: RegistryDeps;
  readonly #keys = new Map<string, RingKey>();
  /**
   * The version of each Secret that was read last, so that a change that arrives twice (watch and own list)
   * is read once.
   */
  readonly #versions = new Map<string, string>();
  /** Names of Secrets that cannot be read as they are now. */
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

  /**
   * The key to seal with; undefined while there is none. A key whose certificate begins in the future opens
   * values, but is served before its time only if there is no other: after a clock is set back, people must
   * still get a certificate.
   */
  get newest(): SealingKey | undefined {
    return this.#newestBegun ?? this.#inOrder.findLast(({ isServable }) => isServable);
  }

  /**
   * When the newest key began to count in the configured order. A key from the future would stop renewal
   * until then.
   */
  get newestSince(): Date | undefined {
    return this.#newestBegun && this.#since(this.#newestBegun);
  }

  /** Whether a newer key than the newest is asked for. */
  get isReplacementAsked(): boolean {
    return this.#newestBegun?.isReplacementAsked === true;
  }

  get #newestBegun(): SealingKey | undefined {
    const latestMs = this.#deps.now().getTime() + CLOCK_SKEW_MS;
    return this.#inOrder.find(({ isServable, notBefore }) => isServable && notBefore.getTime() <= latestMs);
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
  upsert(secret: KubeObject, isLegacy = false): Promise<void> {
    const label = secret.metadata.labels?.[KEY_LABEL];
    const isCounted = label === 'active' || (isLegacy && label === undefined);
    if (!isCounted) return this.remove(secret.metadata.name ?? '');
    return this.#enqueue(async () => {
      const { name = '', uid, resourceVersion } = secret.metadata;
      const version = `${uid}/${resourceVersion}`;
      if (resourceVersion && this.#versions.get(name) === version) return;
      this.#versions.set(name, version);
      const read = await this.#read(secret);
      const key = read && { ...read, isServable: label === 'active' };
      const known = this.#keys.get(name);
      this.#noteReadable(name, key !== undefined);
      if (key) this.#keys.set(name, key);
      else this.#keys.delete(name);
      this.#measureBackups();
      if (
        key?.keyPair.id !== known?.keyPair.id ||
        key?.certificatePem !== known?.certificatePem ||
        key?.isReplacementAsked !== known?.isReplacementAsked ||
        key?.isServable !== known?.isServable
      ) {
        this.#rebuild(known);
      }
      if (known && key?.keyPair.id !== known.keyPair.id) this.#noteRemoval(known);
    });
  }

  /** Forgets the key of a Secret that was deleted or is no longer active. */
  remove(name: string): Promise<void> {
    return this.#enqueue(async () => {
      this.#versions.delete(name);
      this.#noteReadable(name, true);
      const known = this.#keys.get(name);
      if (!known) return;
      this.#keys.delete(name);
      this.#measureBackups();
      this.#rebuild(known);
      this.#noteRemoval(known);
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
    this.#deps.log.info('key removed', { secret: key.name, fingerprint });
    if (this.#keyRing.keys.some(({ id }) => id === fingerprint)) return;
    for (const listener of this.#lossListeners) listener(key);
  }

  #noteReadable(name: string, isReadable: boolean): void {
    if (isReadable) this.#unreadable.delete(name);
    else this.#unreadable.add(name);
    this.#deps.metrics.keysUnreadable.set(this.#unreadable.size);
  }

  async #read(secret: KubeObject): Promise<SealingKey | undefined> {
    const { copies, refusals, events, log, metrics } = this.#deps;
    try {
      if (isMadeBySealedSecret(secret) || refusals.has(secret)) {
        void refusals.refuse(secret);
        throw plantedKey(secret);
      }
      const key = await readKeySecret(secret, { copies });
      log.info('registered private key', { secret: key.name, fingerprint: key.keyPair.id });
      return key;
    } catch (error) {
      const message = error instanceof SealedSecretsError ? error.message : 'the key Secret cannot be read';
      metrics.keyErrors.inc();
      log.error('error reading key, skipping it', { secret: secret.metadata.name, error: message });
      events.record(
        { apiVersion: 'v1', kind: 'Secret', metadata: secret.metadata },
        'Warning',
        'ErrKeyInvalid',
        message,
      );
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

  #measureBackups(): void {
    measureBackups(this.#deps.metrics.keyLastBackup, this.#keys.values(), this.#deps.now());
  }

  #measure(): void {
    const { metrics } = this.#deps;
    metrics.keys.set(this.#keyRing.keys.length);
    if (!this.newest) return;
    metrics.keyCreated.set(this.#since(this.newest).getTime() / 1000);
    metrics.certificateExpiry.set(this.newest.notAfter.getTime() / 1000);
  }
}
