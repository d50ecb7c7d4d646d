import { SealedSecretsError } from '@fuin/crypto-core';
import type { LogFields } from './log.ts';

/**
 * What a log may say of an error. Our own messages are safe by construction; an unknown error is a bug whose text may
 * quote a value (JSON.parse does), so only its kind and the places in the code are told.
 */
export function describeError(error: unknown): LogFields {
  if (error instanceof SealedSecretsError) return { code: error.code, error: error.message };
  if (!(error instanceof Error)) return { error: 'unknown' };
  const places = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { error: error.name, stack: places.slice(0, 8).map((line) => line.trim()) };
}
