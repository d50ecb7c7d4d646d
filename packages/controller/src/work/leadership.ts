import { hostname } from 'node:os';
import type { ApiClient, ObjectKey } from '@fuin/kube/client';
import { createLeaderElection } from '@fuin/kube/leader-election';
import type { Logger } from '@fuin/kube/logger';
import { sleep, systemClock } from '@fuin/kube/time';
import { apiFailureOf } from '@fuin/kube/transport';
import type { WorkQueue } from '@fuin/kube/workqueue';
import type { LeaderConfig } from '../config/config.ts';

/** Whether this replica is the one that reconciles and renews keys. */
export interface Leadership {
  /** Asked right before each write. */
  readonly isLeader: boolean;
  /**
   * Resolves to the signal of a term, which aborts when the term ends; to an aborted signal if `stop` aborts
   * first.
   */
  whenLeading(stop: AbortSignal): Promise<AbortSignal>;
  /**
   * Takes part until `signal` aborts, then releases the Lease. Abort it when the work in progress is
   * finished.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** What an election needs. */
export interface LeadershipDeps {
  readonly client: ApiClient;
  readonly config: LeaderConfig;
  readonly namespace: string;
  /** Name of this replica. */
  readonly identity: string;
  readonly logger: Logger;
  readonly onChange: (isLeader: boolean) => void;
}

const LEASES = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' };

/** Milliseconds that a request for the Lease may take: half of the time in which a leader must renew it. */
export function electionPatienceMs({ leaseDurationMs }: Pick<LeaderConfig, 'leaseDurationMs'>): number {
  return renewDeadlineMs(leaseDurationMs) / 2;
}

/**
 * The name of this replica. A Pod keeps its name when its containers restart, so a restarted controller
 * continues at once and does not wait for its own Lease to expire. Outside of Pods only a random number is
 * unique.
 */
export function identityOf(env: Readonly<Record<string, string | undefined>>): string {
  const isInPod = env['KUBERNETES_SERVICE_HOST'] !== undefined;
  return env['POD_NAME'] || (isInPod ? hostname() : `${hostname()}_${crypto.randomUUID()}`);
}

/** Leadership by Lease, or permanent leadership of a single replica (`--leader-elect=false`). */
export function createLeadership(deps: LeadershipDeps): Leadership {
  return new LeaderTerms(deps);
}

/** A queue that gives keys only to the leader. A key that was taken while a term ends goes back. */
export function leadersQueue(queue: WorkQueue, leadership: Leadership): WorkQueue {
  const shutDown = new AbortController();
  const next = async () => {
    for (;;) {
      if (!leadership.isLeader) await leadership.whenLeading(shutDown.signal);
      const key = await queue.next();
      if (!key || leadership.isLeader) return key;
      queue.add(key); // while the key counts as being worked on, so that `done` puts it back at once
      queue.done(key);
      if (shutDown.signal.aborted) return undefined;
    }
  };
  return {
    next,
    add: (key) => queue.add(key),
    addAfter: (key, delayMs) => queue.addAfter(key, delayMs),
    done: (key) => queue.done(key),
    shutDown: () => {
      shutDown.abort();
      queue.shutDown();
    },
    get length() {
      return queue.length;
    },
  };
}

class LeaderTerms implements Leadership {
  readonly #deps: LeadershipDeps;
  #term = endedTerm();
  #waiting: (() => void)[] = [];
  #isLeader: () => boolean = () => false;

  constructor(deps: LeadershipDeps) {
    this.#deps = deps;
  }

  get isLeader(): boolean {
    return this.#isLeader();
  }

  async whenLeading(stop: AbortSignal): Promise<AbortSignal> {
    while (!stop.aborted && this.#term.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        stop.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return AbortSignal.any([stop, this.#term.signal]);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { client, config, namespace, identity, logger } = this.#deps;
    const lease = { namespace, name: config.leaseName };
    if (!config.isElected) return this.#leadUnelected();
    await this.#untilElectable(lease, signal);
    const { leaseDurationMs } = config;
    const election = createLeaderElection({
      client,
      lease,
      identity,
      leaseDurationMs,
      renewDeadlineMs: renewDeadlineMs(leaseDurationMs),
      retryPeriodMs: retryPeriodMs(leaseDurationMs),
      onStartedLeading: () => this.#startTerm(),
      onStoppedLeading: () => this.#endTerm(),
      logger,
    });
    this.#isLeader = () => election.isLeader;
    await election.run(signal);
  }

  /**
   * Rights like upstream's do not cover Leases. Then there is one replica, like upstream has, and it leads
   * without election. But a server also refuses if its roles have not been applied yet, or if it has just
   * started. So this asks for as long as a Lease lasts before it believes the refusal, and keeps asking while
   * this replica leads.
   */
  async #untilElectable(lease: ObjectKey, signal: AbortSignal): Promise<void> {
    const { client, config, logger } = this.#deps;
    const { leaseDurationMs } = config;
    const periodMs = retryPeriodMs(leaseDurationMs);
    for (let refusedMs = 0; !signal.aborted; await sleep(systemClock, periodMs, signal)) {
      const answer = await mayElect(client, lease);
      if (answer === 'yes') break;
      refusedMs = answer === 'no' ? refusedMs + periodMs : 0;
      if (refusedMs <= leaseDurationMs || this.isLeader) continue;
      logger.log('warn', 'no right to read the lease, leading without election: run one replica only', {
        ...lease,
      });
      this.#leadUnelected();
    }
    if (!this.isLeader) return;
    this.#isLeader = () => false;
    this.#endTerm();
  }

  #leadUnelected(): void {
    this.#isLeader = () => true;
    this.#startTerm();
  }

  #startTerm(): void {
    this.#term = new AbortController();
    this.#deps.logger.log('info', 'started leading', {});
    this.#deps.onChange(true);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #endTerm(): void {
    this.#deps.logger.log('info', 'stopped leading', {});
    this.#deps.onChange(false);
    this.#term.abort();
  }
}

/** client-go's 15, 10 and 2 s in their proportions. */
function renewDeadlineMs(leaseDurationMs: number): number {
  return (leaseDurationMs * 2) / 3;
}

function retryPeriodMs(leaseDurationMs: number): number {
  return (leaseDurationMs * 2) / 15;
}

/** Whether there is a right to read the Lease; unknown if the server fails. */
async function mayElect(client: ApiClient, lease: ObjectKey): Promise<'yes' | 'no' | 'unknown'> {
  try {
    await client.get(LEASES, lease);
    return 'yes';
  } catch (error) {
    return apiFailureOf(error)?.status === 403 ? 'no' : 'unknown';
  }
}

function endedTerm(): AbortController {
  const term = new AbortController();
  term.abort();
  return term;
}
