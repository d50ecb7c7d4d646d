import type { IncomingMessage } from 'node:http';
import { PATIENCE_MS } from '../time/patience.ts';
import type { ApiObject } from './types.ts';

/** One event of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: ApiObject;
}

/** An open watch. */
export interface WatchHandle {
  /** The next event, or undefined when the watch has ended. @throws when none comes in time */
  next(timeoutMs?: number): Promise<WatchEvent | undefined>;
  /** Events up to and including the first that matches. */
  until(matches: (event: WatchEvent) => boolean, timeoutMs?: number): Promise<WatchEvent[]>;
  close(): void;
}

/** Reads the events of a watch answer. */
export function readWatchEvents(incoming: IncomingMessage): WatchHandle {
  const arrived: WatchEvent[] = [];
  const waiting: (() => void)[] = [];
  let rest = '';
  let hasEnded = false;
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  incoming.setEncoding('utf8');
  incoming.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    arrived.push(...lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WatchEvent));
    wake();
  });
  incoming.on('error', () => {});
  incoming.once('close', () => {
    hasEnded = true;
    wake();
  });

  const next: WatchHandle['next'] = async (timeoutMs = PATIENCE_MS) => {
    const deadline = Date.now() + timeoutMs;
    while (arrived.length === 0 && !hasEnded) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) throw new Error(`no watch event within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return arrived.shift();
  };

  return {
    next,
    until: async (matches, timeoutMs) => {
      const seen: WatchEvent[] = [];
      for (;;) {
        const event = await next(timeoutMs);
        if (!event) throw new Error(`the watch ended after ${JSON.stringify(seen)}`);
        seen.push(event);
        if (matches(event)) return seen;
      }
    },
    close: () => incoming.destroy(),
  };
}
