import { surely } from '../support/api/surely.ts';
import type { ApiObject } from '../support/api/types.ts';
import type { Scene } from '../support/scene.ts';

interface Change {
  readonly scene: Scene;
  readonly first: ApiObject;
  readonly second: ApiObject;
}

const FIRST = { text: 'first' };
const SECOND = { text: 'second' };

/** Many SealedSecrets that are created; half of them are changed then, and every fourth is deleted. */
export class Load {
  readonly #changes: readonly Change[];

  private constructor(changes: readonly Change[]) {
    this.#changes = changes;
  }

  /** Seals everything beforehand, so that playing it is nothing but requests. */
  static async prepare(scene: Scene, count: number): Promise<Load> {
    const seal = async (each: Scene): Promise<Change> => {
      const first = await each.seal(FIRST);
      return { scene: each, first, second: await each.seal(SECOND) };
    };
    const scenes = Array.from({ length: count }, (_, index) => scene.named(`s${index}`));
    return new Load(await Promise.all(scenes.map(seal)));
  }

  /** Applies it all, whatever breaks on the way: people try again. */
  async play(): Promise<void> {
    for (const { scene, first } of this.#changes) await surely(() => scene.apply(first));
    for (const [index, { scene, second }] of this.#changes.entries()) {
      if (index % 2 === 0) await surely(() => scene.apply(second));
      if (index % 4 === 3) await surely(() => scene.deleteSealedSecret(), scene.name);
    }
  }

  /** Waits until every Secret and every status is as it must be. */
  async untilInSync(): Promise<void> {
    for (const [index, { scene }] of this.#changes.entries()) {
      if (index % 4 !== 3) await scene.untilInSync(index % 2 === 0 ? SECOND : FIRST);
      // a real kube-apiserver alone collects no garbage
      else if (scene.world.cluster.kind === 'embedded') await scene.untilGone();
    }
  }
}
