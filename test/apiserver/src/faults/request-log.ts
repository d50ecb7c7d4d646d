import type { RequestFacts } from './faults.ts';

/** One answered or failed request. */
export interface LoggedRequest extends RequestFacts {
  /** Status code; 0 while unanswered, as open watches are. */
  code: number;
  readonly url: string;
  readonly userAgent: string;
}

/** How many requests are remembered; then the older half goes. */
const CAPACITY = 200_000;

/** Every request since the start or the last clear, oldest first. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    if (this.entries.length >= CAPACITY) this.entries.splice(0, CAPACITY / 2);
    this.entries.push(entry);
  }

  clear(): void {
    this.entries.length = 0;
  }

  /** How many requests have all the given fields. */
  count(match: Partial<LoggedRequest>): number {
    const wanted = Object.entries(match);
    return this.entries.filter((entry) =>
      wanted.every(([field, value]) => entry[field as keyof LoggedRequest] === value),
    ).length;
  }
}
