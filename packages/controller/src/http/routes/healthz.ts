import type { FastifyInstance, FastifyReply } from 'fastify';
import { TEXT } from '../limits/broken-requests.ts';

/** What the process reports about itself. */
export interface Health {
  readonly isReady: () => boolean;
  /** How many sealing keys cannot be unwrapped now. */
  readonly lockedKeys: () => number;
  /** Whether the list of allowed signers is needed and cannot be used. */
  readonly hasNoSigners: () => boolean;
  /** Whether the audit log cannot be written now; undefined without one. */
  readonly isAuditFailing?: (() => boolean) | undefined;
  /** False if a loop is stuck for good. */
  readonly isLive: () => boolean;
}

/**
 * `/healthz` says that the process answers and its loops make progress; a missing API server does not count
 * against it. `/readyz` says that the process has its keys and knows the objects it works on. Keys that a key
 * service does not unwrap are reported, but do not count against it as long as there is one to seal with:
 * with the other keys it works. A list of signers that cannot be used, and an audit log that cannot be
 * written, are reported in the same way.
 */
export function addHealthRoutes(app: FastifyInstance, health: Health): void {
  const { isReady, lockedKeys, hasNoSigners, isAuditFailing, isLive } = health;
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
      lockedText(lockedKeys()) + signersText(hasNoSigners()) + auditText(isAuditFailing?.() === true),
    ),
  );
}

function signersText(hasNone: boolean): string {
  return hasNone ? 'the file of allowed signers cannot be used: see the log\n' : '';
}

function auditText(isFailing: boolean): string {
  return isFailing ? 'the audit log cannot be written: see the log\n' : '';
}

function lockedText(count: number): string {
  if (count === 0) return '';
  return `${count === 1 ? '1 sealing key' : `${count} sealing keys`} cannot be unwrapped: see the log\n`;
}
