import { write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Tail } from '@fuin/audit';
import type { Sink } from './file-sink.ts';

const STDOUT = 1;
/** A pipe whose reader stands still is asked again this often, for five seconds. */
const PAUSE_MS = 50;
const ATTEMPTS = 100;
const NOTHING: Tail = { head: undefined, torn: undefined, lacksLineEnd: false };

/** Stdout, for a collector of logs. It cannot be read again, so each start begins a new chain. */
export const stdoutSink: Sink = {
  open: async () => NOTHING,
  change: async () => undefined,
  append: async (bytes) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await promisify(write)(STDOUT, bytes)).bytesWritten;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || attempt === ATTEMPTS) throw error;
      }
      await delay(PAUSE_MS);
    }
  },
  close: async () => undefined,
};
