import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after the time given, or at once when the signal aborts; keeps no process alive. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await delay(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
}
