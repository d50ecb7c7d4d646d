import { RecentMap } from '@fuin/kube/recent-map';

/** Hardly more than there are keys, and sets of item names, in use. */
const MAX_VALUES = 1_000;
/** Longer ones hardly ever come twice, and must not be kept for those who write them. */
const LONGEST = 1_024;

/** Keeps one of equal values that many objects have. */
export class SharedValues<Value> {
  readonly #known = new RecentMap<Value>(MAX_VALUES);

  /** @param text the same for equal values, and for no others */
  share(text: string, value: Value): Value {
    return text.length > LONGEST ? value : this.#known.getOrAdd(text, () => value);
  }
}
