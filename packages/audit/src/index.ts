// The form of the audit log: events as lines, lines as a chain, and what breaks one.
export { FORMAT_VERSION, type Head, MAX_LINE_BYTES, newChain, nextLine, readLine } from './chain.ts';
export type { Actor, AuditEvent, AuditObject, Torn } from './event.ts';
export { type AuditKind, KINDS, MEMBERS, type Member } from './kinds.ts';
export { splitLines } from './split-lines.ts';
export { readTail, TAIL_BYTES, type Tail } from './tail.ts';
export { type Report, Verifier } from './verify.ts';
