import {
  type KeyRing,
  MAX_LISTED_ITEMS,
  printable,
  type SealedSecret,
  type SealedSecretsError,
} from '@fuin/crypto-core';
import { mapConcurrently } from '@fuin/crypto-core/map-concurrently';
import type { ObjectAnswer } from '../../controller/bulk.ts';
import { keyOpener } from '../../input/opening/key-opener.ts';
import type { SealedInput } from '../../input/sealed-secrets.ts';
import { whyUnopened } from '../../inspect/why-unopened.ts';
import { type Controllers, groupedByController } from '../access/controllers.ts';

/** One SealedSecret of a tree. */
export interface Checked extends SealedInput {
  readonly file: string;
}

/** Why a SealedSecret does not open, undefined for one that does, or why that is not known. */
export type Answer = string | undefined | SealedSecretsError;

/** Tells why SealedSecrets do not open. */
export interface Verifier {
  /** @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED if no controller can be asked, or one goes away */
  verify(objects: readonly Checked[]): Promise<readonly Answer[]>;
  /** How many it takes at once. */
  readonly batch: number;
  /** What opens them, for notes. */
  readonly source: string;
}

const CLUSTER_BATCH = 512;
const KEYS_BATCH = 64;

/** Opens every item with private keys, on all cores, and drops the values. */
export function keyVerifier(keyRing: KeyRing): Verifier {
  const opener = keyOpener(keyRing);
  const verifyOne = async (object: Checked) => {
    const { values, closed } = await opener.open(object);
    for (const value of values.values()) value.fill(0);
    if (closed.size === 0) return undefined;
    const items = [...closed].slice(0, MAX_LISTED_ITEMS);
    const reasons = items.map(([item, reason]) => `${printable(item)}: ${reason}`).join(', ');
    const more = closed.size > items.length ? ` and ${closed.size - items.length} more` : '';
    return `${reasons}${more}; ${whyUnopened(object.sealedSecret)}`;
  };
  return {
    batch: KEYS_BATCH,
    source: opener.source,
    verify: (objects) => mapConcurrently(objects, objects.length, verifyOne),
  };
}

/** Asks the controllers of the objects' files. */
export function clusterVerifier(controllers: Controllers): Verifier {
  return {
    batch: CLUSTER_BATCH,
    source: 'the controller',
    verify: async (objects) => {
      const { byController, unasked } = await groupedByController(objects, controllers);
      const reasons = new Map<Checked, Answer>(unasked);
      for (const [controller, own] of byController) {
        const { answers, failure } = await controller.ask('verify', own);
        if (failure) throw failure;
        for (const [at, object] of own.entries())
          reasons.set(object, reasonOf(answers[at], object.sealedSecret));
      }
      return objects.map((object) => reasons.get(object));
    },
  };
}

function reasonOf(answer: ObjectAnswer | undefined, sealedSecret: SealedSecret): string | undefined {
  if (answer?.status === 200) return undefined;
  if (answer?.status === 413) return 'it is too large for the controller';
  return `the controller cannot open it: ${whyUnopened(sealedSecret)}`;
}
