import { SealedSecretsError } from '@fuin/crypto-core';
import { visible } from '@fuin/crypto-core/errors';
import type { LogFields } from './log.ts';

const MAX_MESSAGE_LENGTH = 4096;

/**
 * The message as status, events and log show it: names in it are chosen by authors, so that it is cut, and shows what
 * would move a terminal or reverse a line.
 */
export function shownMessage({ message }: SealedSecretsError): string {
  const cut = message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}...`;
  return visible(cut);
}

/**
 * What a log may say of an error. Our own messages are safe by construction; an unknown error is a bug whose text may
 * quote a value (JSON.parse does), so only its kind and the places in the code are told.
 */
export function describeError(error: unknown): LogFields {
  if (error instanceof SealedSecretsError) return { code: error.code, error: shownMessage(error) };
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
