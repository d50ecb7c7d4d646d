import type { Head } from '@fuin/audit';
import type { Sink } from '../audit/file-sink.ts';
import { AuditLog } from '../audit/open-audit.ts';

const NOTHING = { head: undefined, torn: undefined, lacksLineEnd: false };

/** An audit log in memory, whose disk can break or hang and whose clock stands still, for tests. */
export function auditLog(onFailure: 'continue' | 'refuse' = 'continue') {
  const world = {
    ...{ text: '', isBroken: false, isStuck: false },
    ...{ nowMs: Date.UTC(2026, 0, 2), anchors: [] as Head[] },
  };
  const sink: Sink = {
    open: async () => NOTHING,
    change: async () => undefined,
    append: async (bytes) => {
      if (world.isStuck) return new Promise(() => undefined);
      if (world.isBroken) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      world.text += Buffer.from(bytes).toString('latin1');
      return bytes.length;
    },
    close: async () => undefined,
  };
  const quiet = { onFailure: () => {}, onRecovery: () => {}, onLoss: () => {}, onWritten: () => {} };
  const audit = new AuditLog({
    config: { target: '-', onFailure },
    ...{ namespace: 'home', identity: 'pod-a', version: '1.0.0', sink },
    reports: { ...quiet, onAnchor: (head) => world.anchors.push(head) },
    now: () => new Date(world.nowMs),
  });
  const lines = () =>
    world.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return Object.assign(world, { audit, lines });
}
