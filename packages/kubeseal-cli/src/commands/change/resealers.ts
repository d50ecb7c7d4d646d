import {
  type KeyRing,
  looksSealed,
  parseSealedSecret,
  printable,
  type Recipient,
  resealStale,
  type SealedSecret,
  SealedSecretsError,
  type ValueFormat,
} from '@fuin/crypto-core';
import { mapConcurrently } from '@fuin/crypto-core/map-concurrently';
import { keptNote } from '@fuin/manifests/note-edits';
import type { ObjectAnswer } from '../../controller/bulk.ts';
import { checkedObject } from '../../controller/check-answer.ts';
import { factsOfValue, formatOfKey } from '../../input/sealed-format.ts';
import { whyUnopened } from '../../inspect/why-unopened.ts';
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
  /** How many times it is asked before it has answered. */
  readonly batchesAtOnce: number;
}

/**
 * Requests have a size of their own, and take what was read so far: batches are small, so that files are
 * written early, and so many that there is always a whole request to send.
 */
const CLUSTER = { batch: 64, batchesAtOnce: 16 };
/** Enough for all cores while the disk works; batches are small, so that files are written early. */
const KEYS = { batch: 8, batchesAtOnce: 4 };

/** Reseals with private keys, on all cores: every target of a batch at once. */
export function keyResealer(keyRing: KeyRing, sealer: Sealer): Resealer {
  const resealOne = async (target: Target): Promise<Outcome> => {
    const { sealedSecret, label, file } = target;
    const recipients = await recipientsFor(target, sealer);
    const newest = Object.values(recipients).map(({ id }) => id);
    try {
      const mayLoseKeys = (await sealer.formatFor(file)).recipients.length > 0; // somebody names all of them
      const fresh = await resealStale(sealedSecret, keyRing, recipients, { allowFewerKeys: mayLoseKeys });
      const change = changeTo(sealedSecret, fresh);
      const [only, ...more] = newest;
      return change && { ...change, ...(only && more.length === 0 ? keptNote(target, only) : {}) };
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      const isWrongKey = error.code === 'ERR_NO_KEY_OPENS_VALUE';
      const why = isWrongKey ? `: ${whyUnopened(sealedSecret)}` : '';
      const hint = isWrongKey ? hintFor(keyRing, newest) : error.hint;
      return errorOf(error.code, `${label}: ${error.message}${why}`, hint);
    }
  };
  // the first one finds the key, and the others start with it: a wrong key costs as much as the right one
  let first: Promise<unknown> | undefined;
  const resealInTurn = (target: Target): Promise<Outcome> => {
    if (first !== undefined) return first.then(() => resealOne(target));
    const outcome = resealOne(target);
    first = outcome.catch(() => undefined);
    return outcome;
  };
  return {
    ...KEYS,
    settle: () => undefined,
    reseal: (targets) => mapConcurrently(targets, targets.length, resealInTurn),
  };
}

/**
 * Whom the values of a target are sealed for again: each keeps its format, and only those that it has are
 * asked for.
 */
async function recipientsFor(
  { file, sealedSecret }: Target,
  sealer: Sealer,
): Promise<Partial<Record<ValueFormat, Recipient>>> {
  const formats = new Set(
    Object.values(sealedSecret.spec.encryptedData).map((value) => factsOfValue(value).format),
  );
  const recipients: Partial<Record<ValueFormat, Recipient>> = {};
  for (const format of formats) recipients[format] = await sealer.recipientFor(file, format);
  return recipients;
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
    ...CLUSTER,
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
function hintFor({ keys }: KeyRing, newest: readonly string[]): string | undefined {
  const missing = newest.find((ids) => !ids.split(' ').some((id) => keys.some((key) => key.id === id)));
  if (missing === undefined) return undefined;
  const what = formatOfKey(missing) === 'v2' ? 'the recipient' : 'the certificate';
  return `the key of ${what} (${missing}) is not among the given keys: give it too, because only it opens what it sealed already`;
}

function errorOf(code: SealedSecretsError['code'], message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError(code, message, hint === undefined ? {} : { hint });
}
