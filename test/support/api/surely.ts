import { setTimeout as sleep } from 'node:timers/promises';
import { ApiFailure } from './api-client.ts';

const PAUSE_MS = 25;
const ATTEMPTS = 2_000;

/**
 * Reads and writes as people do: again and again while the server is in trouble.
 *
 * @param gone name of an object that may be found deleted: the deletion was done then, but not answered
 */
export async function surely<T>(ask: () => Promise<T>, gone?: string): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (gone !== undefined && isMissing(error, gone)) return undefined;
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** Broken connections have a code in letters; a server that is just starting may not serve our kind yet. */
function isPassing(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code !== 'number' || code >= 500 || code === 404 || code === 429;
}

function isMissing(error: unknown, name: string): boolean {
  const details = error instanceof ApiFailure ? error.status['details'] : undefined;
  return error instanceof ApiFailure && error.code === 404 && (details as { name?: string })?.name === name;
}
