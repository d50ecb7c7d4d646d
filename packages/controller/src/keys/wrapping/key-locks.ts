import { isDeepStrictEqual } from 'node:util';
import type { SecretData } from '@fuin/cloud';
import { KEY_ANNOTATIONS, SealedSecretsError, type ValueFormat } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import type { EventRecorder } from '@fuin/kube/events';
import { backoffDelayMs } from '@fuin/kube/time';
import type { AuditTrail } from '../../audit/trail.ts';
import type { KeyConfig } from '../../config/config.ts';
import type { Logger } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';
import { invalid } from '../key-secret.ts';
import type { Locks } from '../registry.ts';
import { lockedSince } from './locked-since.ts';
import { contextOf, dataOf, type Wrapping } from './wrapping.ts';

/** What unlocking needs. */
export interface KeyLocksDeps {
  /** Undefined where no key service is configured. */
  readonly wrapping: Wrapping | undefined;
  readonly order: KeyConfig['order'];
  readonly now: () => Date;
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly audit?: AuditTrail | undefined;
  readonly metrics: Pick<Metrics, 'keysLocked' | 'keyServiceFailures'>;
  /** Keeps no process alive. */
  readonly sleep: (delayMs: number) => Promise<void>;
}

/** Gets the Secret with its key in the clear, or the reason why it can never be used as it is. */
export type Unlocked = (plain: KubeObject | SealedSecretsError) => Promise<void>;

/** One wrapped key Secret, as it was seen last. */
interface Lock {
  readonly secret: KubeObject;
  readonly unlocked: Unlocked;
  /** The items of the plain key Secret. */
  plain?: SecretData;
  failure?: string;
  /** Whether it counts as damaged. Where the key service may be wrong instead, it is tried again. */
  isDamaged?: boolean;
}

const PAUSES = { baseMs: 500, capMs: 60_000, spread: 0.5 };
/** Keys that are unwrapped at the same time: a service that throttles is not flooded at a start. */
const LANES = 4;

/**
 * The wrapped key Secrets. Each is unwrapped once, away from all others, and its key then stays in memory: a
 * key service that fails takes nothing away. What cannot be unwrapped now is tried again until it can, or
 * until its Secret changes. So is a key that the data key of the service does not open: it counts as damaged
 * meanwhile, but the service may have answered with a wrong one.
 */
export class KeyLocks implements Locks {
  readonly #deps: KeyLocksDeps;
  readonly #locks = new Map<string, Lock>();
  readonly #firstTries = new Set<Promise<unknown>>();
  readonly #lanes: Promise<unknown>[] = Array.from({ length: LANES }, () => Promise.resolve());
  #turn = 0;

  constructor(deps: KeyLocksDeps) {
    this.#deps = deps;
  }

  /** Key Secrets that are not unwrapped, as they are now, but for damaged ones. */
  get locked(): readonly KubeObject[] {
    const waiting = [...this.#locks.values()].filter(({ plain, isDamaged }) => !plain && !isDamaged);
    return waiting.map(({ secret }) => secret);
  }

  since(format: ValueFormat): Date | undefined {
    const { order, now } = this.#deps;
    return lockedSince(this.locked, { format, order, now: now() });
  }

  /**
   * Unwraps a key Secret and calls back, unless it changes or goes in the meantime. A Secret of which only
   * metadata changed needs no key service.
   *
   * @param at names the Secret
   */
  unlock(at: string, secret: KubeObject, unlocked: Unlocked): void {
    const known = this.#locks.get(at);
    const lock: Lock = { secret, unlocked };
    if (known?.plain && isSameKey(known.secret, secret)) lock.plain = known.plain;
    this.#locks.set(at, lock);
    const first = lock.plain ? unlocked({ ...secret, data: lock.plain }) : this.#try(at, lock, 1);
    this.#firstTries.add(first);
    void first.finally(() => this.#firstTries.delete(first));
    this.#measure();
  }

  /** The Secret was deleted, or is no longer one of a wrapped key. */
  forget(at: string): void {
    if (this.#locks.delete(at)) this.#measure();
  }

  /** Resolves when each key Secret that is known now was tried once. */
  async tried(): Promise<void> {
    await Promise.all(this.#firstTries);
  }

  /** Tries once, and goes on trying in the background. */
  async #try(at: string, lock: Lock, attempt: number): Promise<void> {
    const isCurrent = () => this.#locks.get(at) === lock;
    const result = await this.#inLane(async () => (isCurrent() ? this.#unwrap(lock) : undefined));
    if (result === undefined || !isCurrent()) return;
    if (!(result instanceof SealedSecretsError)) return this.#open(lock, result);
    if (isOfService(result)) this.#report(lock, result);
    else await this.#giveUp(lock, result);
    const { wrapping } = this.#deps;
    if (!wrapping || !(isOfService(result) || wrapping.isWrongDataKey(result))) return;
    const pauseMs = wrapping.pauseMsAfter(result, backoffDelayMs(PAUSES, attempt, Math.random));
    void this.#deps.sleep(pauseMs).then(() => this.#try(at, lock, attempt + 1));
  }

  /** A key that can never be used as it is, for all that is known: it counts as unreadable. Reported once. */
  async #giveUp(lock: Lock, error: SealedSecretsError): Promise<void> {
    if (lock.isDamaged) return;
    lock.isDamaged = true;
    lock.failure = error.message;
    this.#measure();
    await lock.unlocked(error);
  }

  #open(lock: Lock, result: KubeObject): Promise<void> {
    lock.plain = dataOf(result);
    this.#measure();
    const about = { kind: 'Secret', object: lock.secret } as const;
    this.#deps.audit?.record({ kind: 'key.unwrapped', about, key: fingerprintOf(lock.secret) });
    if (lock.failure !== undefined)
      this.#deps.log.info('key unwrapped again', { secret: lock.secret.metadata.name });
    return lock.unlocked(result);
  }

  async #unwrap({ secret }: Lock): Promise<KubeObject | SealedSecretsError> {
    const name = String(secret.metadata.name ?? '');
    try {
      if (!this.#deps.wrapping) throw new SealedSecretsError('ERR_KEY_SERVICE_REJECTED', NOT_CONFIGURED);
      const { data } = await this.#deps.wrapping.unwrap(dataOf(secret), contextOf(secret));
      return { ...secret, data };
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) return invalid(name, 'it cannot be unwrapped', error);
      if (isOfService(error) || error.message.includes(name)) return error;
      return invalid(name, error.message, error.cause);
    }
  }

  #report(lock: Lock, error: SealedSecretsError): void {
    const { events, log, metrics, audit } = this.#deps;
    metrics.keyServiceFailures.inc();
    log.warn('key cannot be unwrapped', {
      secret: lock.secret.metadata.name,
      error: error.message,
      hint: error.hint,
    });
    if (lock.failure === error.message) return;
    lock.failure = error.message;
    const { metadata } = lock.secret;
    const about = { kind: 'Secret', object: lock.secret } as const;
    audit?.record({ kind: 'key.unwrap-failed', about, reason: error.code });
    events.record({ apiVersion: 'v1', kind: 'Secret', metadata }, 'Warning', 'ErrKeyLocked', error.message);
  }

  #inLane<T>(job: () => Promise<T>): Promise<T> {
    this.#turn = (this.#turn + 1) % LANES;
    const result = (this.#lanes[this.#turn] ?? Promise.resolve()).then(job);
    this.#lanes[this.#turn] = result.catch(() => undefined);
    return result;
  }

  #measure(): void {
    this.#deps.metrics.keysLocked.set(this.locked.length);
  }
}

const NOT_CONFIGURED = 'a key service wraps it, and --key-wrapper names none';

function isOfService({ code }: SealedSecretsError): boolean {
  return code === 'ERR_KEY_SERVICE_UNAVAILABLE' || code === 'ERR_KEY_SERVICE_REJECTED';
}

/** Whether the key and what it is bound to are the same; nothing else of the metadata counts. */
function isSameKey(before: KubeObject, now: KubeObject): boolean {
  return (
    before.metadata.uid === now.metadata.uid &&
    fingerprintOf(before) === fingerprintOf(now) &&
    isDeepStrictEqual(dataOf(before), dataOf(now))
  );
}

function fingerprintOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[KEY_ANNOTATIONS.fingerprint];
}
