import type { Condition } from '@fuin/crypto-core';

/** The conditions of a status, leaving out whatever is none. */
export function conditionsOf(status: unknown): readonly Condition[] {
  const { conditions } = recordOf(status);
  return Array.isArray(conditions) ? conditions.filter(isCondition) : [];
}

/** The fields of a value that may be anything; none when it is no object. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isCondition(value: unknown): value is Condition {
  const { type, status } = recordOf(value);
  return typeof type === 'string' && typeof status === 'string';
}
