import type { Condition } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';

/** The conditions of a status, without entries that are not conditions. */
export function conditionsOf(status: unknown): readonly Condition[] {
  const { conditions } = recordOf(status);
  return Array.isArray(conditions) ? conditions.filter(isCondition) : [];
}

function isCondition(value: unknown): value is Condition {
  const { type, status } = recordOf(value);
  return typeof type === 'string' && typeof status === 'string';
}
