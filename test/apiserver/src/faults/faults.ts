/** Which requests a fault concerns; every given field must match. */
export interface RequestMatch {
  readonly method?: string;
  readonly verb?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly user?: string;
  /** Matches anywhere in the path. */
  readonly path?: RegExp;
}

/** What the matcher sees of a request. */
export type RequestFacts = Required<Omit<RequestMatch, 'path'>> & { readonly path: string };

/** Which watch events a fault concerns. */
export interface WatchEventMatch {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly type?: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** Only the nth matching event, counted from 1; every one when absent. */
  readonly nth?: number;
}

/** What a matched watch event suffers: `reorder` delivers it after the event that follows. */
export type WatchEventFault =
  | { readonly action: 'drop' | 'duplicate' | 'reorder' }
  | { readonly action: 'delay'; readonly delayMs: number };

/**
 * What happens to a matched request: `reset` closes the connection, `hang` never answers, `hold` waits until
 * the test lets it go on.
 */
export type RequestFault =
  | { readonly action: 'answer'; readonly code: 409 | 429 | 500 | 503; readonly retryAfterSeconds?: number }
  | { readonly action: 'reset'; readonly when: 'before' | 'after' }
  | { readonly action: 'hang'; readonly when?: 'before' | 'after' }
  | { readonly action: 'delay'; readonly delayMs: number }
  | { readonly action: 'hold'; readonly until: Promise<unknown> };

/** One applied write, as crash points see it. */
export interface AppliedWrite {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  readonly request: RequestFacts;
}

interface RequestRule {
  readonly match: RequestMatch;
  readonly fault: RequestFault;
  left: number;
}

interface WatchRule {
  readonly match: WatchEventMatch;
  readonly fault: WatchEventFault;
  seen: number;
}

/** Takes a fault away again. */
export type Undo = () => void;

type WriteCallback = (write: AppliedWrite) => void | Promise<void>;

/** The fault switches of one server. All are off at the start; each call returns how to undo it. */
export class Faults {
  /** How an expired watch is refused: as an ERROR event of a 200 answer, or as status 410. */
  expiredWatch: 'event' | 'status' = 'event';
  /** Connections are accepted and requests read, but nothing is answered and watches fall silent. */
  isHalfOpen = false;
  /** Called for each watch event that is about to be delivered, before its fault: for counting them. */
  onDelivery: ((event: Required<Omit<WatchEventMatch, 'nth'>>) => void) | undefined;
  #requestRules = new Set<RequestRule>();
  #watchRules = new Set<WatchRule>();
  #writeCallbacks = new Set<WriteCallback>();
  #staleRevisions = new Map<string, number>();
  #currentRevision: () => number;

  constructor(currentRevision: () => number) {
    this.#currentRevision = currentRevision;
  }

  /** Makes matching requests suffer a fault, a number of times or for ever. */
  onRequest(match: RequestMatch, fault: RequestFault, times: number = Number.POSITIVE_INFINITY): Undo {
    const rule = { match, fault, left: times };
    this.#requestRules.add(rule);
    return () => this.#requestRules.delete(rule);
  }

  /** Makes matching watch events suffer a fault; with several watches open, each delivery counts. */
  onWatchEvent(match: WatchEventMatch, fault: WatchEventFault): Undo {
    const rule = { match, fault, seen: 0 };
    this.#watchRules.add(rule);
    return () => this.#watchRules.delete(rule);
  }

  /** Calls back after each applied write and before its answer is sent; the answer waits for the promise. */
  onWrite(callback: WriteCallback): Undo {
    this.#writeCallbacks.add(callback);
    return () => this.#writeCallbacks.delete(callback);
  }

  /** Freezes what lists of a resource (plural) show, as a lagging replica would; watches go on. */
  staleLists(resource: string): Undo {
    this.#staleRevisions.set(resource, this.#currentRevision());
    return () => this.#staleRevisions.delete(resource);
  }

  /** Switches everything off. */
  clear(): void {
    this.#requestRules.clear();
    this.#watchRules.clear();
    this.#writeCallbacks.clear();
    this.#staleRevisions.clear();
    this.isHalfOpen = false;
    this.onDelivery = undefined;
    this.expiredWatch = 'event';
  }

  /** The fault of a request, used up by one. */
  takeRequestFault(facts: RequestFacts): RequestFault | undefined {
    for (const rule of this.#requestRules) {
      if (rule.left <= 0 || !matchesRequest(rule.match, facts)) continue;
      rule.left -= 1;
      return rule.fault;
    }
    return undefined;
  }

  /** The fault of a watch event. */
  takeWatchFault(event: Required<Omit<WatchEventMatch, 'nth'>>): WatchEventFault | undefined {
    this.onDelivery?.(event);
    for (const rule of this.#watchRules) {
      const { nth, ...fields } = rule.match;
      if (!Object.entries(fields).every(([field, value]) => event[field as keyof typeof event] === value))
        continue;
      rule.seen += 1;
      if (nth === undefined || nth === rule.seen) return rule.fault;
    }
    return undefined;
  }

  staleRevisionOf(resource: string): number | undefined {
    return this.#staleRevisions.get(resource);
  }

  async announceWrite(write: AppliedWrite): Promise<void> {
    for (const callback of this.#writeCallbacks) await callback(write);
  }
}

function matchesRequest({ path, ...fields }: RequestMatch, facts: RequestFacts): boolean {
  if (path && !path.test(facts.path)) return false;
  return Object.entries(fields).every(([field, value]) => facts[field as keyof RequestFacts] === value);
}
