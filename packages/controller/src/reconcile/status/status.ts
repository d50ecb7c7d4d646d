import type { Condition, SealedSecretStatus } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { conditionsOf, readyCondition } from './conditions.ts';
import { failureAdvice, failureMessage, failureRow } from './failures.ts';
import type { Observation } from './last-unseal.ts';

/** How a reconcile ended: what is in sync now, or what was thrown. */
export type Outcome = { readonly observation: Observation } | { readonly failure: unknown };

/** Status as this controller writes it; `lastUnseal` lets the next process skip what is in sync. */
export interface WrittenStatus extends SealedSecretStatus {
  readonly lastUnseal?: LastUnseal;
}

/** What the last success was based on, in the CRD's words. */
export interface LastUnseal {
  readonly generation: number;
  readonly scope: string;
  readonly secretUID: string;
  readonly secretResourceVersion: string;
  /**
   * Fingerprint of each key that was needed, under the name of one item that it opened. There are no more
   * entries than keys.
   */
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * `small` is for objects near the limit of what can be stored: only the necessary conditions. `pruned` is
 * what a server keeps of a whole status if its CRD does not know `lastUnseal`.
 */
export type StatusSize = 'whole' | 'small' | 'pruned';

/** The parts of a live SealedSecret that its next status depends on. The status is hostile. */
export interface StatusHolder {
  readonly metadata: { readonly generation?: number };
  readonly status?: unknown;
}

/** Approximate length of a message in a small status. */
const SMALL_MESSAGE_LENGTH = 256;

/**
 * The status to write after a reconcile; undefined if the present one says the same already. `Synced` is
 * first, where printer columns and Argo CD look, and like upstream's it has no message when True. `Ready`
 * follows for kstatus (Flux). Conditions and fields of others are kept. Pure.
 */
export function nextStatus(
  holder: StatusHolder,
  outcome: Outcome,
  now: Date,
  size: StatusSize = 'whole',
): WrittenStatus | undefined {
  const present = recordOf(holder.status);
  const conditions = conditionsOf(present);
  const { generation } = holder.metadata;
  // upstream gives a condition a new date for each generation, even if it says the same
  const kept = present['observedGeneration'] === generation ? conditions : conditions.map(undated);
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const ours = wantedConditions(outcome, size).map((wanted) => dated(wanted, kept, time));
  const others = conditions.filter(({ type }) => ours.every((condition) => condition.type !== type));
  const { lastUnseal: _lastUnseal, ...rest } = present;
  const next: WrittenStatus = {
    ...rest,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...ours, ...others],
    ...('observation' in outcome && size === 'whole'
      ? { lastUnseal: lastUnsealOf(outcome.observation) }
      : {}),
  };
  return isDeepEqual(next, size === 'pruned' ? rest : present) ? undefined : next;
}

function wantedConditions(outcome: Outcome, size: StatusSize): readonly Condition[] {
  if ('observation' in outcome) {
    const { message = '', ...ready } = readyCondition(outcome.observation);
    return [
      { type: 'Synced', status: 'True', reason: 'Unsealed' },
      { ...ready, message: fitted(message, size) },
    ];
  }
  const { reason } = failureRow(outcome.failure);
  const message = failureMessage(outcome.failure);
  const advice = failureAdvice(outcome.failure);
  const explained = advice === undefined ? message : `${message}: ${advice}`;
  return [
    { type: 'Synced', status: 'False', reason, message: fitted(message, size) },
    { type: 'Ready', status: 'False', reason, message: fitted(explained, size) },
  ];
}

function fitted(message: string, size: StatusSize): string {
  const isCut = size === 'small' && message.length > SMALL_MESSAGE_LENGTH;
  return isCut ? `${message.slice(0, SMALL_MESSAGE_LENGTH)}...` : message;
}

function undated({ lastUpdateTime: _lastUpdateTime, ...condition }: Condition): Condition {
  return condition;
}

/** Keeps the times of a condition that says the same as before, so that equal reconciles write nothing. */
function dated(wanted: Condition, present: readonly Condition[], time: string): Condition {
  const before = present.find(({ type }) => type === wanted.type);
  const hasSameStatus = before?.status === wanted.status;
  const isSame = hasSameStatus && before.reason === wanted.reason && before.message === wanted.message;
  if (isSame && before.lastUpdateTime && before.lastTransitionTime) return before;
  const lastTransitionTime = (hasSameStatus && before.lastTransitionTime) || time;
  return { ...wanted, lastUpdateTime: time, lastTransitionTime };
}

function lastUnsealOf({
  generation,
  scope,
  secretUid,
  secretResourceVersion,
  openedBy,
}: Observation): LastUnseal {
  return {
    generation,
    scope,
    secretUID: secretUid,
    secretResourceVersion,
    keys: oneItemOfEach(openedBy),
  };
}

function oneItemOfEach(openedBy: ReadonlyMap<string, string>): Record<string, string> {
  const sorted = [...openedBy].sort(([a], [b]) => (a < b ? -1 : 1));
  const items = new Map<string, string>();
  for (const [item, fingerprint] of sorted) if (!items.has(fingerprint)) items.set(fingerprint, item);
  return Object.fromEntries([...items].map(([fingerprint, item]) => [item, fingerprint]));
}

function isDeepEqual(left: unknown, right: unknown): boolean {
  return JSON.stringify(sortedKeys(left)) === JSON.stringify(sortedKeys(right));
}

/** Servers return fields in their own order. */
function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortedKeys(part)]));
}
