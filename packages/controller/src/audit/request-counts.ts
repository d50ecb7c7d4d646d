import type { AuditEvent } from '@fuin/audit';
import type { AuditedRequest } from './trail.ts';

/** How long requests are counted before their lines are written. */
const WINDOW_MS = 10_000;
/** As many peers and answers as one window tells apart; others are counted together. */
const MAX_ROWS = 64;

interface Row {
  readonly route: string;
  readonly peer: string;
  readonly code: number;
  count: number;
  objects: Record<string, number> | undefined;
}

/**
 * Counts requests instead of writing a line for each: however many peers send however many, a window has
 * {@link MAX_ROWS} lines and one for each route and answer of all others.
 */
export class RequestCounts {
  readonly #rows = new Map<string, Row>();
  #sinceMs = 0;

  count({ route, peer, code, statuses }: AuditedRequest, nowMs: number): void {
    if (this.#rows.size === 0) this.#sinceMs = nowMs;
    const row = this.#rowOf({ route, peer, code });
    row.count += 1;
    for (const status of statuses ?? []) {
      row.objects ??= {};
      row.objects[status] = (row.objects[status] ?? 0) + 1;
    }
  }

  #rowOf(asked: Pick<Row, 'route' | 'peer' | 'code'>): Row {
    const isTold = this.#rows.has(keyOf(asked)) || this.#rows.size < MAX_ROWS;
    const own = isTold ? asked : { ...asked, peer: 'others' };
    const known = this.#rows.get(keyOf(own));
    if (known) return known;
    const row = { ...own, count: 0, objects: undefined };
    this.#rows.set(keyOf(own), row);
    return row;
  }

  /** The events of a window that has passed, or of the one under way; none before its end. */
  take(nowMs: number, isEnd = false): AuditEvent[] {
    if (this.#rows.size === 0 || (!isEnd && nowMs - this.#sinceMs < WINDOW_MS)) return [];
    const events = [...this.#rows.values()].map((row) => ({ kind: 'http.requests', ...row }) as const);
    this.#rows.clear();
    return events;
  }
}

function keyOf({ route, peer, code }: Pick<Row, 'route' | 'peer' | 'code'>): string {
  return `${route} ${code} ${peer}`;
}
