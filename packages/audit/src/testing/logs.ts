import { type Head, newChain, nextLine } from '../chain.ts';
import type { AuditEvent } from '../event.ts';
import { splitLines } from '../split-lines.ts';
import { type Report, Verifier } from '../verify.ts';

/** When the first line of a log of tests was written; one a second follows. */
const BEGIN_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** What the controller tells when it starts, opens one object, and stops. */
export const EVENTS: readonly AuditEvent[] = [
  { kind: 'controller.started', identity: 'pod-a', version: '1.0.0' },
  {
    kind: 'sealedsecret.opened',
    object: { kind: 'SealedSecret', namespace: 'shop', name: 'db', uid: 'u1', generation: 1 },
    items: ['password'],
    keys: ['SHA256:abc'],
    actor: { manager: 'kubectl', operation: 'Apply' },
  },
  {
    kind: 'secret.created',
    object: { kind: 'Secret', namespace: 'shop', name: 'db', uid: 'u2' },
    items: ['password'],
  },
  { kind: 'controller.stopped', identity: 'pod-a' },
];

/** A log of these events. */
export function logOf(events: readonly AuditEvent[] = EVENTS, from: Head = newChain()) {
  const lines: string[] = [];
  let head = from;
  for (const event of events) {
    const next = nextLine(head, new Date(BEGIN_MS + 1000 * head.seq), event);
    head = next.head;
    lines.push(next.text);
  }
  return { text: lines.join(''), lines, head };
}

/** What a walk over files finds. */
export async function verified(
  files: readonly (string | Uint8Array)[],
  anchors?: ConstructorParameters<typeof Verifier>[0],
): Promise<Report> {
  const verifier = new Verifier(anchors);
  for (const [at, content] of files.entries()) {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    for await (const line of splitLines(chunksOf(bytes))) verifier.add(`file-${at + 1}`, line);
  }
  return verifier.report();
}

/** In pieces that break lines at odd places. */
async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 777) yield bytes.subarray(start, start + 777);
}
