import type { FastifyInstance, FastifyReply } from 'fastify';
import { TEXT } from '../limits/broken-requests.ts';

/** What the process reports about itself. */
export interface Health {
  readonly isReady: () => boolean;
  /** How many sealing keys cannot be unwrapped now. */
  readonly lockedKeys: () => number;
  /** Whether the audit log cannot be written now; undefined without one. */
  readonly isAuditFailing?: (() => boolean) | undefined;
  /** False if a loop is stuck for good. */
  readonly isLive: () => boolean;
}

/**
 * `/healthz` says that the process answers and its loops make progress; a missing API server does not count
 * against it. `/readyz` says that the process has its keys and knows the objects it works on. Keys that a key
 * service does not unwrap are reported, but do not count against it as long as there is one to seal with:
 * with the other keys it works. Nor does an audit log that cannot be written.
 */
export function addHealthRoutes(app: FastifyInstance, health: Health): void {
  const { isReady, lockedKeys, isAuditFailing, isLive } = health;
  const answer = (reply: FastifyReply, isGood: boolean, otherwise: string, more = '') =>
    reply
      .code(isGood ? 200 : 503)
      .type(TEXT)
      .send((isGood ? 'ok\n' : otherwise) + more);
  app.all('/healthz', async (_request, reply) => answer(reply, isLive(), 'a watch is stuck\n'));
  app.all('/readyz', async (_request, reply) =>
    answer(
      reply,
      isReady(),
      'not ready\n',
      lockedText(lockedKeys()) + auditText(isAuditFailing?.() === true),
    ),
  );
}

function auditText(isFailing: boolean): string {
  return isFailing ? 'the audit log cannot be written: see the log\n' : '';
}

function lockedText(count: number): string {
  if (count === 0) return '';
  return `${count === 1 ? '1 sealing key' : `${count} sealing keys`} cannot be unwrapped: see the log\n`;
}
