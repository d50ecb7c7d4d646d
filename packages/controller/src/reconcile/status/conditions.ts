import type { Condition } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';

/** The conditions of a status, without entries that are not conditions. */
export function conditionsOf(status: unknown): readonly Condition[] {
  const { conditions } = recordOf(status);
  return Array.isArray(conditions) ? conditions.filter(isCondition) : [];
}

/** What is to remark about an object that is in sync. Texts as a message shows them; empty for nothing. */
export interface Remarks {
  /** The items past their expiry. */
  readonly expired: string;
  /** Why no signature counts. */
  readonly unsigned: string;
}

const IN_SYNC = 'the Secret is in sync with the SealedSecret';
const UNSIGNED = ', but no allowed signer signed it: ';
const EXPIRED = ', but these items are past their expiry: ';
const MESSAGE = new RegExp(`^${IN_SYNC}(?:${UNSIGNED}(.*?))?(?:${EXPIRED}(.*))?$`, 's');

/** The condition `Ready` of an object that is in sync. */
export function readyCondition({ expired, unsigned }: Remarks): Condition {
  const reason = unsigned === '' ? (expired === '' ? 'Unsealed' : 'ValueExpired') : 'SignerRequired';
  const texts = [unsigned && `${UNSIGNED}${unsigned}`, expired && `${EXPIRED}${expired}`];
  return { type: 'Ready', status: 'True', reason, message: `${IN_SYNC}${texts.join('')}` };
}

/** What a status remarks. It may have been written by anyone. */
export function remarksIn(status: unknown): Remarks {
  const { message } = conditionsOf(status).find(({ type }) => type === 'Ready') ?? {};
  const [, unsigned = '', expired = ''] = (typeof message === 'string' && MESSAGE.exec(message)) || [];
  return { expired, unsigned };
}

function isCondition(value: unknown): value is Condition {
  const { type, status } = recordOf(value);
  return typeof type === 'string' && typeof status === 'string';
}
