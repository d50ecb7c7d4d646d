import type { ApiObject } from '../support/api/types.ts';
import type { Scene } from '../support/faults/scene.ts';
import { surely } from '../support/faults/surely.ts';

interface Change {
  readonly name: string;
  readonly first: ApiObject;
  readonly second: ApiObject;
}

const FIRST = { text: 'first' };
const SECOND = { text: 'second' };

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
