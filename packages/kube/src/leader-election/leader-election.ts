import { SealedSecretsError } from '@fuin/crypto-core';
import type { ApiClient, ObjectKey } from '../client/types.ts';
import type { Logger } from '../logger.ts';
import { type Jitter, type MonotonicClock, sleep, systemClock } from '../time/clock.ts';
import { LeaseClaim } from './lease-claim.ts';

/** Identity, Lease and patience of a candidate; defaults are client-go's 15 s, 10 s and 2 s. */
export interface LeaderElectionOptions {
  readonly client: ApiClient;
  readonly lease: ObjectKey;
  /** Unique for each process, such as the Pod's name, or a host name with a random part. */
  readonly identity: string;
  /** How long others wait for a sign of life before they take over. */
  readonly leaseDurationMs?: number;
  /** How long the leader tries to renew before it steps down; must be less than the duration. */
  readonly renewDeadlineMs?: number;
  readonly retryPeriodMs?: number;
  readonly onStartedLeading: () => void;
  /** Called when leadership was lost or released. */
  readonly onStoppedLeading: () => void;
  readonly logger?: Logger;
  readonly clock?: MonotonicClock;
  /** Wall-clock time, written for people and never compared. */
  readonly now?: () => Date;
  readonly jitter?: Jitter;
}

/** One candidate. */
export interface LeaderElection {
  /**
   * True while no other candidate can lead: ask right before each write. It becomes false by the local clocks
   * alone, even in a process that was stopped and continues, before it has contacted the server. By the time
   * this returns false, `onStoppedLeading` has run, so code waiting for the next term never sees the old one.
   */
  readonly isLeader: boolean;
  /**
   * Takes part until `signal` aborts, then releases the Lease and resolves. Finish the work in progress
   * first.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** Makes a candidate; it does nothing until `run`. */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  return new Candidate(options);
}

class Candidate implements LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #clock: MonotonicClock;
  readonly #claim: LeaseClaim;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  #deadline: Deadline | undefined;
  #isLeading = false;
  #cancelStepDown: () => void = () => undefined;

  constructor(options: LeaderElectionOptions) {
    const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const now = options.now ?? (() => new Date());
    this.#claim = new LeaseClaim({ ...options, leaseDurationMs, clock: this.#clock, now });
    this.#renewDeadlineMs = renewDeadlineMs;
    this.#retryPeriodMs = retryPeriodMs;
  }

  get isLeader(): boolean {
    this.#stepDownIfPast();
    return this.#isLeading;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#attempt();
      // a renewal must come well before the deadline; candidates that wait may be spread in time
      const jitter = this.#options.jitter ?? Math.random;
      await sleep(this.#clock, this.#retryPeriodMs * (this.#isLeading ? 1 : 1 + jitter()), signal);
    }
    if (!this.#isLeading) return;
    this.#stopLeading();
    await this.#claim.release().catch((error: unknown) => this.#warn('lease not released', error));
  }

  /**
   * One attempt to get or renew the Lease. A request that hangs leaves time for another one before the
   * deadline.
   */
  async #attempt(): Promise<void> {
    const startedAt = this.#moment();
    const outcome = this.#claim.acquireOrRenew();
    const timeout = sleep(this.#clock, this.#renewDeadlineMs / 2).then(() => {
      throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'the API server did not answer in time');
    });
    timeout.catch(() => undefined);
    try {
      if (await Promise.race([outcome, timeout])) this.#lead(startedAt);
      else if (this.#isLeading) this.#stopLeading();
    } catch (error) {
      outcome.catch(() => undefined);
      this.#warn('lease not renewed', error);
    }
    this.#stepDownIfPast();
  }

  /** The deadline counts from before the request was sent: the server saw the renewal later than that. */
  #lead(startedAt: Moment): void {
    const deadline = { ...startedAt, lengthMs: this.#renewDeadlineMs };
    // the answer may have come late, or the process was asleep: others may lead by now
    if (this.#isPast(deadline)) return;
    this.#deadline = deadline;
    this.#cancelStepDown();
    this.#cancelStepDown = this.#clock.after(this.#remainingMs(deadline), () => this.#stepDownIfPast());
    if (this.#isLeading) return;
    this.#isLeading = true;
    this.#options.onStartedLeading();
  }

  #stepDownIfPast(): void {
    if (this.#deadline && this.#isPast(this.#deadline)) this.#stopLeading();
  }

  #stopLeading(): void {
    this.#cancelStepDown();
    this.#isLeading = false;
    this.#deadline = undefined;
    this.#options.onStoppedLeading();
  }

  #remainingMs({ clockMs, lengthMs }: Deadline): number {
    return clockMs + lengthMs - this.#clock.now();
  }

  /**
   * There are two clocks. The monotonic one stands still while a virtual machine is suspended; the wall clock
   * may be set. If either passes the deadline, leadership ends. A wall clock that is set forward costs at
   * most an election.
   */
  #moment(): Moment {
    return { clockMs: this.#clock.now(), wallMs: (this.#options.now?.() ?? new Date()).getTime() };
  }

  #isPast(deadline: Deadline): boolean {
    const { clockMs, wallMs } = this.#moment();
    return clockMs - deadline.clockMs >= deadline.lengthMs || wallMs - deadline.wallMs >= deadline.lengthMs;
  }

  #warn(message: string, error: unknown): void {
    this.#options.logger?.log('warn', message, { error });
  }
}

interface Moment {
  readonly clockMs: number;
  readonly wallMs: number;
}

interface Deadline extends Moment {
  readonly lengthMs: number;
}
