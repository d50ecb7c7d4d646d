import {
  type KeyRing,
  looksSealed,
  parseSealedSecret,
  printable,
  resealStale,
  type SealedSecret,
  SealedSecretsError,
} from '@fuin/crypto-core';
import { mapConcurrently } from '@fuin/crypto-core/map-concurrently';
import type { ObjectAnswer } from '../../controller/bulk.ts';
import { checkedObject } from '../../controller/check-answer.ts';
import { whyUnopened } from '../../inspect/why-unopened.ts';
import { keptNote } from '../../signature/note-edits.ts';
import { type Controllers, groupedByController } from '../access/controllers.ts';
import type { Sealer } from '../access/sealer.ts';
import type { ObjectChange, Outcome, Target } from './change-file.ts';

/** Seals the items of targets again that older keys sealed. */
export interface Resealer {
  /** @throws what settle throws, once that is known */
  reseal(targets: readonly Target[]): Promise<readonly Outcome[]>;
  /** @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED if a controller could not be asked about every target */
  settle(): void;
  /** How many targets it takes at once. */
  readonly batch: number;
}

/** Files that are read before the first request; requests have a size of their own. */
const CLUSTER_BATCH = 512;
const KEYS_BATCH = 64;

/** Reseals with private keys, on all cores: every target of a batch at once. */
export function keyResealer(keyRing: KeyRing, sealer: Sealer): Resealer {
  const resealOne = async (target: Target): Promise<Outcome> => {
    const { sealedSecret, label, file } = target;
    const recipient = await sealer.recipientFor(file);
    try {
      const change = changeTo(sealedSecret, await resealStale(sealedSecret, keyRing, recipient));
      return change && { ...change, ...keptNote(target, recipient.id) };
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      const isWrongKey = error.code === 'ERR_NO_KEY_OPENS_VALUE';
      const why = isWrongKey ? `: ${whyUnopened(sealedSecret)}` : '';
      const hint = isWrongKey ? hintFor(keyRing, recipient.id) : undefined;
      return errorOf(error.code, `${label}: ${error.message}${why}`, hint);
    }
  };
  return {
    batch: KEYS_BATCH,
    settle: () => undefined,
    reseal: (targets) => mapConcurrently(targets, targets.length, resealOne),
  };
}

/**
 * Lets the controllers of the targets' files reseal them. What a controller did before it went away is kept:
 * the other targets stay as they are, and `settle` reports it.
 */
export function clusterResealer(controllers: Controllers): Resealer {
  let lost: SealedSecretsError | undefined;
  const settle = () => {
    if (lost) throw lost;
  };
  return {
    batch: CLUSTER_BATCH,
    settle,
    reseal: async (targets) => {
      settle();
      const { byController, unasked } = await groupedByController(targets, controllers);
      const outcomes = new Map<Target, Outcome>(unasked);
      for (const [controller, own] of byController) {
        const { answers, failure } = await controller.ask('rotate', own);
        lost ??= failure;
        for (const [at, answer] of answers.entries()) {
          const target = own[at];
          if (target) outcomes.set(target, outcomeOf(target, answer));
        }
      }
      return targets.map((target) => outcomes.get(target));
    },
  };
}

function outcomeOf({ sealedSecret, label }: Target, answer: ObjectAnswer): Outcome {
  try {
    if (answer.status !== 200) return refusalOf(sealedSecret, label, answer.status);
    const given = Object(answer.sealedSecret) as object;
    return changeTo(sealedSecret, parseSealedSecret(checkedObject(given, answer.sent)));
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return errorOf(error.code, `${label}: ${error.message}`);
  }
}

/** The controller gives no details, so the message says what the file itself shows. */
function refusalOf(sealedSecret: SealedSecret, label: string, status: number): SealedSecretsError {
  if (status === 413) return errorOf('ERR_OBJECT_TOO_LARGE', `${label} is too large for the controller`);
  return errorOf(
    'ERR_NO_KEY_OPENS_VALUE',
    `${label}: the controller cannot open it: ${whyUnopened(sealedSecret)}`,
  );
}

/**
 * What changed of the object; undefined if nothing did.
 *
 * @throws ERR_API_REJECTED if the result lacks an item, or an item of it is not sealed
 */
function changeTo({ spec }: SealedSecret, result: SealedSecret): ObjectChange | undefined {
  const fresh = result.spec.encryptedData;
  const changed = Object.entries(spec.encryptedData).flatMap(([item, before]) => {
    const text = Object.hasOwn(fresh, item) ? fresh[item] : undefined;
    if (text === before) return [];
    if (text !== undefined && looksSealed(text) === 'sealed') return [[item, text] as const];
    throw new SealedSecretsError('ERR_API_REJECTED', `the answer lacks the item ${printable(item)}`);
  });
  if (changed.length === 0) return undefined;
  const items = changed.map(([item]) => ({ item, change: 'changed' as const }));
  const says = `re-encrypted ${changed.map(([item]) => printable(item)).join(', ')}`;
  return { set: Object.fromEntries(changed), items, says };
}

/** An item may be sealed with the newest key already, which must then be among the given ones. */
function hintFor({ keys }: KeyRing, newest: string): string | undefined {
  if (keys.some(({ id }) => id === newest)) return undefined;
  return `the key of the certificate (${newest}) is not among the given keys: give it too, because only it opens what it sealed already`;
}

function errorOf(code: SealedSecretsError['code'], message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError(code, message, hint === undefined ? {} : { hint });
}
