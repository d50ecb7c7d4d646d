import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from './patience.ts';

const PAUSE_MS = 25;
let patienceMs = PATIENCE_MS;

/** Looks again and again until there is something to see. @throws naming what it waited for in vain */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(PAUSE_MS)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Repeats checks until none of them throws; after a while they throw for good. */
export async function eventuallyPasses(check: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(PAUSE_MS)) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** Lets `eventually` wait only so long while something runs that must fail: it waits for what never comes. */
export async function withPatience<T>(ms: number, run: () => Promise<T>): Promise<T> {
  patienceMs = ms;
  try {
    return await run();
  } finally {
    patienceMs = PATIENCE_MS;
  }
}
