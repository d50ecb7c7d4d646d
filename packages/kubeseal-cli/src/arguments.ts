import { SealedSecretsError } from '@fuin/crypto-core';
import { SHELLS } from '@fuin/flags';
import { isNoSecretsFound } from './manifest.ts';

/** What positional arguments may have been meant for: upstream ignores them, and so does this program. */
export function argumentsHint([first = '', ...more]: readonly string[]): string {
  return first === 'completion' && more.length <= 1
    ? `kubeseal completion takes the name of a shell: ${SHELLS.join(', ')}`
    : `kubeseal takes no arguments; did you mean -f ${first}?`;
}

/** Adds that hint to an error which ignored arguments explain. */
export function explainArguments(error: unknown, positionals: readonly string[]): unknown {
  if (!(error instanceof SealedSecretsError)) return error;
  const isCommand = positionals[0] === 'completion' && positionals.length <= 2;
  if (!isCommand && !isNoSecretsFound(error)) return error;
  const hint = [error.hint, argumentsHint(positionals)].filter((line) => line !== undefined).join('\n');
  return new SealedSecretsError(error.code, error.message, { items: error.items, hint, cause: error.cause });
}
