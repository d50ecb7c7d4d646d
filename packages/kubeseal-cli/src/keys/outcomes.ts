import { createHash } from 'node:crypto';
import type { SealedSecret } from '@fuin/crypto-core';
import type { SealedItem } from '../inspect/sealing-key.ts';

/** About 10 MiB. */
const MOST_OUTCOMES = 50_000;

type Owner = Pick<SealedSecret, 'apiVersion' | 'kind' | 'metadata'>;

/** Which key opened a value, for the last values that were tried. */
export class Outcomes {
  readonly #known = new Map<string, string | undefined>();

  async of(
    value: SealedItem,
    owner: Owner,
    tryIt: () => Promise<string | undefined>,
  ): Promise<string | undefined> {
    const { metadata, ...kind } = owner;
    const { name, namespace, annotations } = metadata;
    const what = JSON.stringify([kind, name, namespace, annotations, value]);
    const id = createHash('sha256').update(what).digest('base64');
    if (this.#known.has(id)) return this.#known.get(id);
    const outcome = await tryIt();
    const [oldest] = this.#known.size >= MOST_OUTCOMES ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(id, outcome);
    return outcome;
  }
}
