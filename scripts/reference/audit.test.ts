import { describe, expect, it } from 'vitest';
import { nextLine } from '../../packages/audit/src/chain.ts';
import type { AuditEvent } from '../../packages/audit/src/event.ts';
import { type AuditKind, KINDS, MEMBERS, type Member } from '../../packages/audit/src/kinds.ts';
import { logOf } from '../../packages/audit/src/testing/logs.ts';
import { schemaProblems } from '../../test/support/audit-schema.ts';

const OBJECT = { kind: 'Secret', namespace: 'shop', name: 'db', uid: 'u', generation: 1 } as const;
/** A value of each member. */
const VALUES: Required<Omit<AuditEvent, 'kind'>> = {
  object: { ...OBJECT, resourceVersion: '7' },
  ...{ items: ['password'], keys: ['SHA256:abc'], key: 'SHA256:abc', action: 'repair' },
  ...{ reason: 'NoKeyOpensValue', actor: { manager: 'kubectl', operation: 'Apply', time: 'now' } },
  ...{ identity: 'pod-a', version: '1.0.0', torn: { bytes: 7, sha256: 'a'.repeat(64) } },
  ...{ route: '/v1/verify', peer: '10.0.0.1', code: 200, count: 3, objects: { 200: 3 } },
};
const kinds = Object.keys(KINDS) as AuditKind[];
const given = Object.keys(VALUES) as (keyof typeof VALUES)[];
const membersOf = (kind: AuditKind): readonly Member[] => KINDS[kind].members;

/** The line of an event that has these members. */
function lineWith(kind: AuditKind, members: readonly Member[]): Record<string, unknown> {
  const event = Object.fromEntries(
    Object.entries(VALUES).filter(([name]) => members.includes(name as Member)),
  );
  return JSON.parse(logOf([{ kind, ...event }]).text);
}

describe('the JSON schema of the audit log', () => {
  it.each(kinds)('accepts a line %s with every member of its row', (kind) => {
    const line = lineWith(kind, membersOf(kind));
    expect(Object.keys(line)).toEqual(expect.arrayContaining([...membersOf(kind)]));
    expect(schemaProblems(line)).toEqual([]);
  });
  it.each(kinds)('refuses a line %s with any other member', (kind) => {
    const others = given.filter((member) => !membersOf(kind).includes(member));
    expect(others.length).toBeGreaterThan(0);
    for (const member of others)
      expect(schemaProblems(lineWith(kind, [...membersOf(kind), member])), member).not.toEqual([]);
    expect(schemaProblems({ ...lineWith(kind, membersOf(kind)), value: 's3cret' })).not.toEqual([]);
  });
  it('refuses a kind that is not in the table, and a line that lacks a member of the chain', () => {
    const line = lineWith('leader.started', ['identity']);
    expect(schemaProblems({ ...line, kind: 'secret.printed' })).not.toEqual([]);
    for (const member of ['v', 'chain', 'seq', 'time', 'prev', 'kind', 'hash'])
      expect(schemaProblems({ ...line, [member]: undefined }), member).not.toEqual([]);
  });
  it('bounds what an author chooses as the lines do', () => {
    const long = 'n'.repeat(5_000);
    const items = Array.from({ length: 500 }, (_, at) => `${at}${long}`);
    const object = { ...OBJECT, namespace: long, name: long, resourceVersion: long };
    const actor = { manager: long, operation: long, time: long };
    const event = { kind: 'sealedsecret.opened', object, items, keys: items, actor } as const;
    const { text } = nextLine(logOf().head, new Date(0), event);
    expect(schemaProblems(JSON.parse(text))).toEqual([]);
    const line = JSON.parse(text);
    expect(schemaProblems({ ...line, items: [...line.items, 'one more'] })).not.toEqual([]);
    expect(schemaProblems({ ...line, object: { ...line.object, name: long } })).not.toEqual([]);
  });
  it('knows a value of every member', () => {
    expect([...given, 'itemCount'].sort()).toEqual(Object.keys(MEMBERS).sort());
  });
});
