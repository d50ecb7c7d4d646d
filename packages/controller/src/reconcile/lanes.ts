import type { ObjectKey } from '../kube/ports.ts';

/** How many passes may be under way at once: in one lane, and in all lanes together. */
export interface LaneLimits {
  readonly perLane: number;
  readonly total: number;
}

interface Lane {
  active: number;
  readonly parked: ObjectKey[];
}

/**
 * Keeps slow work of one tenant from taking every worker: a key whose lane is full is parked, so that its worker goes on
 * with somebody else's, and is handed out when a place in the lane gets free.
 */
export class Lanes {
  readonly #limits: LaneLimits;
  /** Only lanes with work; the one served last stands last. */
  readonly #lanes = new Map<string, Lane>();
  #active = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  /** Takes a place in the lane, or parks the key: then its turn comes from some `leave`. */
  enter(name: string, key: ObjectKey): boolean {
    const lane = this.#lanes.get(name) ?? { active: 0, parked: [] };
    this.#lanes.set(name, lane);
    if (!this.#hasPlace(lane)) {
      lane.parked.push(key);
      return false;
    }
    this.#occupy(lane);
    return true;
  }

  /** Gives a place back and returns a parked key that has one now, with its lane. */
  leave(name: string): { readonly lane: string; readonly key: ObjectKey } | undefined {
    const left = this.#lanes.get(name);
    if (!left) return undefined;
    left.active -= 1;
    this.#active -= 1;
    if (left.active === 0 && left.parked.length === 0) this.#lanes.delete(name);
    for (const [each, lane] of this.#lanes) {
      const key = this.#hasPlace(lane) ? lane.parked.shift() : undefined;
      if (!key) continue;
      this.#occupy(lane);
      this.#lanes.delete(each); // to the end of the row: the others are served first next time
      this.#lanes.set(each, lane);
      return { lane: each, key };
    }
    return undefined;
  }

  #hasPlace({ active }: Lane): boolean {
    return active < this.#limits.perLane && this.#active < this.#limits.total;
  }

  #occupy(lane: Lane): void {
    lane.active += 1;
    this.#active += 1;
  }
}
