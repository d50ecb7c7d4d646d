import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiObject } from '../support/api-client.ts';
import type { Scene } from './scene.ts';

interface Change {
  readonly name: string;
  readonly first: ApiObject;
  readonly second: ApiObject;
}

const FIRST = { text: 'first' };
const SECOND = { text: 'second' };
const PAUSE_MS = 10;
const ATTEMPTS = 400;

/** Many SealedSecrets that are created; half of them are changed then, and every fourth is deleted. */
export class Load {
  readonly #scene: Scene;
  readonly #changes: readonly Change[];

  private constructor(scene: Scene, changes: readonly Change[]) {
    this.#scene = scene;
    this.#changes = changes;
  }

  /** Seals everything beforehand, so that playing it is nothing but requests. */
  static async prepare(scene: Scene, count: number): Promise<Load> {
    const names = Array.from({ length: count }, (_, index) => `s${index}`);
    const seal = async (name: string): Promise<Change> => {
      const first = await scene.seal(name, { texts: FIRST });
      return { name, first, second: await scene.seal(name, { texts: SECOND }) };
    };
    return new Load(scene, await Promise.all(names.map(seal)));
  }

  /** Applies it all, whatever breaks on the way: people try again. */
  async play(): Promise<void> {
    for (const { first } of this.#changes) await surely(() => this.#scene.apply(first));
    for (const [index, { name, second }] of this.#changes.entries()) {
      if (index % 2 === 0) await surely(() => this.#scene.apply(second));
      if (index % 4 === 3) await surely(() => this.#scene.deleteSealedSecret(name));
    }
  }

  /** Waits until every Secret and every status is as it must be. */
  async untilInLine(): Promise<void> {
    for (const [index, { name }] of this.#changes.entries()) {
      if (index % 4 === 3) await this.#scene.untilGone(name);
      else await this.#scene.untilInLine(name, index % 2 === 0 ? SECOND : FIRST);
    }
  }
}

async function surely(write: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write();
      return;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === 404 && attempt > 1) return; // a deletion that was done, but not answered
      if (attempt === ATTEMPTS || (typeof code === 'number' && code < 500)) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
