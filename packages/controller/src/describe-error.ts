import { SealedSecretsError } from '@fuin/crypto-core';
import type { LogFields } from './log.ts';

/**
 * What a log may say of an error. Our own messages are safe by construction; an unknown error is a bug whose text may
 * quote a value (JSON.parse does), so only its kind and the places in the code are told.
 */
export function describeError(error: unknown): LogFields {
  if (error instanceof SealedSecretsError) return { code: error.code, error: error.message };
  if (!(error instanceof Error)) return { error: 'unknown' };
  return { error: error.name, stack: placesOf(error) };
}

/** The stack begins with the message as it was at first; where it is no longer found, no line can be trusted. */
function placesOf({ message, stack = '' }: Error): string[] {
  const start = stack.indexOf(message);
  const lines = start < 0 ? [] : stack.slice(start + message.length).split('\n');
  return lines
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
}
