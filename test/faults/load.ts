import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFailure, type ApiObject } from '../support/api-client.ts';
import type { Scene } from './scene.ts';

interface Change {
  readonly name: string;
  readonly first: ApiObject;
  readonly second: ApiObject;
}

const FIRST = { text: 'first' };
const SECOND = { text: 'second' };
const PAUSE_MS = 25;
const ATTEMPTS = 2_000;

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
      if (index % 4 === 3) await surely(() => this.#scene.deleteSealedSecret(name), name);
    }
  }

  /** Waits until every Secret and every status is as it must be. */
  async untilInLine(): Promise<void> {
    for (const [index, { name }] of this.#changes.entries()) {
      if (index % 4 === 3) await this.#untilDeleted(name);
      else await this.#scene.untilInLine(name, index % 2 === 0 ? SECOND : FIRST);
    }
  }

  /** A real kube-apiserver alone collects no garbage. */
  async #untilDeleted(name: string): Promise<void> {
    if (this.#scene.stage.cluster.kind === 'embedded') await this.#scene.untilGone(name);
  }
}

/** @param gone name of an object that may be found deleted: the deletion was done then, but not answered */
async function surely(write: () => Promise<unknown>, gone?: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write();
      return;
    } catch (error) {
      if (gone !== undefined && isMissing(error, gone)) return;
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** Broken connections have a code in letters; a server that is just starting may not serve our kind yet. */
function isPassing(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code !== 'number' || code >= 500 || code === 404 || code === 429;
}

function isMissing(error: unknown, name: string): boolean {
  const details = error instanceof ApiFailure ? error.status['details'] : undefined;
  return error instanceof ApiFailure && error.code === 404 && (details as { name?: string })?.name === name;
}
