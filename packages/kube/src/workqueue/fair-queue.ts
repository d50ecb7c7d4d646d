import type { LaneLimits } from './types.ts';

/** Whose an item is, and in which lane it waits and is worked on. */
export interface LaneRule<Name extends string> {
  readonly limits: Readonly<Record<Name, LaneLimits>>;
  /**
   * Called when an item arrives and again when its turn comes: it may have to change lanes while it waits.
   */
  readonly laneOf: (item: string) => Name;
  readonly tenantOf: (item: string) => string;
}

/**
 * Items that wait, handed out by turns: one lane after the other, and in a lane one tenant after the other,
 * tenants without work under way first. So a tenant with thousands of items delays another by a
 * turn, not by thousands.
 */
export class FairQueue<Name extends string> {
  readonly #rule: LaneRule<Name>;
  /** The lane served last stands last. */
  readonly #lanes: Map<Name, Lane>;
  readonly #places = new Map<string, { readonly lane: Lane; readonly tenant: string }>();

  constructor(rule: LaneRule<Name>) {
    this.#rule = rule;
    const lanes = Object.entries<LaneLimits>(rule.limits).map(([name, limits]) => [name, new Lane(limits)]);
    this.#lanes = new Map(lanes as [Name, Lane][]);
  }

  /** Takes an item in that is neither waiting nor being worked on. */
  add(item: string): void {
    this.#lanes.get(this.#rule.laneOf(item))?.push(this.#rule.tenantOf(item), item);
  }

  /** The item whose turn it is; undefined when no item waits or has a place. Call `leave` after the work. */
  take(): string | undefined {
    for (;;) {
      const turn = this.#nextTurn();
      if (!turn) return undefined;
      const { name, lane, tenant } = turn;
      const item = lane.shift(tenant);
      if (this.#rule.laneOf(item) !== name) {
        this.add(item);
        continue;
      }
      lane.occupy(tenant, 1);
      this.#places.set(item, { lane, tenant });
      this.#lanes.delete(name);
      this.#lanes.set(name, lane);
      return item;
    }
  }

  /** Gives the place of an item back. */
  leave(item: string): void {
    const place = this.#places.get(item);
    place?.lane.occupy(place.tenant, -1);
    this.#places.delete(item);
  }

  #nextTurn(): { readonly name: Name; readonly lane: Lane; readonly tenant: string } | undefined {
    for (const [name, lane] of this.#lanes) {
      const tenant = lane.nextTenant();
      if (tenant !== undefined) return { name, lane, tenant };
    }
    return undefined;
  }
}

class Lane {
  readonly #limits: LaneLimits;
  /** Items in order of arrival by tenant; only tenants with items, the one served last stands last. */
  readonly #waiting = new Map<string, Line>();
  readonly #active = new Map<string, number>();
  #total = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  push(tenant: string, item: string): void {
    const line = this.#waiting.get(tenant) ?? new Line();
    this.#waiting.set(tenant, line);
    line.push(item);
  }

  /** Looks past tenants with work in hand only, so past no more than there are workers. */
  nextTenant(): string | undefined {
    if (this.#total >= this.#limits.total) return undefined;
    let busy: string | undefined;
    for (const tenant of this.#waiting.keys()) {
      const active = this.#active.get(tenant) ?? 0;
      if (active === 0) return tenant;
      if (active < this.#limits.perTenant) busy ??= tenant;
    }
    return busy;
  }

  shift(tenant: string): string {
    const line = this.#waiting.get(tenant) ?? new Line();
    const item = line.shift();
    this.#waiting.delete(tenant);
    if (line.length > 0) this.#waiting.set(tenant, line);
    return item;
  }

  occupy(tenant: string, by: 1 | -1): void {
    this.#total += by;
    const active = (this.#active.get(tenant) ?? 0) + by;
    if (active > 0) this.#active.set(tenant, active);
    else this.#active.delete(tenant);
  }
}

/**
 * Items in order of arrival. Not a Set: looking for its first entry passes all that were deleted before it,
 * which took two seconds with 100,000. Nor Array.shift, which moves all that are left.
 */
class Line {
  #items: string[] = [];
  /** Those before it are gone. */
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: string): void {
    this.#items.push(item);
  }

  /** The first item; empty if there is none. */
  shift(): string {
    const item = this.#items[this.#first] ?? '';
    this.#first += 1;
    if (this.#first > this.length) {
      this.#items = this.#items.slice(this.#first); // so that each item is moved once, on average
      this.#first = 0;
    }
    return item;
  }
}
