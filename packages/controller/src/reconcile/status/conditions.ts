import type { Condition } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';

/** The conditions of a status, without entries that are not conditions. */
export function conditionsOf(status: unknown): readonly Condition[] {
  const { conditions } = recordOf(status);
  return Array.isArray(conditions) ? conditions.filter(isCondition) : [];
}

const IN_SYNC = 'the Secret is in sync with the SealedSecret';
const EXPIRED = `${IN_SYNC}, but these items are past their expiry: `;

/**
 * The condition `Ready` of an object that is in sync.
 *
 * @param expired items past their expiry, as a message names them; empty for none
 */
export function readyCondition(expired: string): Condition {
  return expired === ''
    ? { type: 'Ready', status: 'True', reason: 'Unsealed', message: IN_SYNC }
    : { type: 'Ready', status: 'True', reason: 'ValueExpired', message: `${EXPIRED}${expired}` };
}

/** Which items a status says are past their expiry. */
export function expiredIn(status: unknown): string {
  const { message = '' } = conditionsOf(status).find(({ type }) => type === 'Ready') ?? {};
  return typeof message === 'string' && message.startsWith(EXPIRED) ? message.slice(EXPIRED.length) : '';
}

function isCondition(value: unknown): value is Condition {
  const { type, status } = recordOf(value);
  return typeof type === 'string' && typeof status === 'string';
}
