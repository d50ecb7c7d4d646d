import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_LINE_BYTES, newChain, nextLine, readLine } from './chain.ts';
import type { AuditEvent } from './event.ts';

const TIME = new Date('2026-01-02T03:04:05.678Z');
const HEAD = { chain: '11111111-2222-4333-8444-555555555555', seq: 0, hash: '0'.repeat(64) };
const lineOf = (event: AuditEvent) => nextLine(HEAD, TIME, event).text;
const members = (event: AuditEvent): Record<string, unknown> => JSON.parse(lineOf(event));

describe('nextLine', () => {
  it('writes one JSON object, whose hash is that of the line without it', () => {
    const { text, head } = nextLine(HEAD, TIME, { kind: 'leader.started', identity: 'pod-a' });
    const body = `{"v":1,"chain":"${HEAD.chain}","seq":1,"time":"2026-01-02T03:04:05.678Z","prev":"${HEAD.hash}","kind":"leader.started","identity":"pod-a"}`;
    expect(head).toEqual({ chain: HEAD.chain, seq: 1, hash: hash('sha256', body, 'hex') });
    expect(text).toBe(`${body.slice(0, -1)},"hash":"${head.hash}"}\n`);
    expect(readLine(text.trimEnd())).toMatchObject(head);
  });
  it('follows the line before', () => {
    const first = nextLine(newChain(), TIME, { kind: 'leader.started' });
    const second = nextLine(first.head, TIME, { kind: 'leader.stopped' });
    expect(JSON.parse(second.text)).toMatchObject({ seq: 2, prev: first.head.hash, chain: first.head.chain });
  });
  it('escapes what would break a line, move a terminal or is not ASCII', () => {
    const hostile = 'a\nb\u001b[31m"}\u2028\u202e\ud800é';
    const text = lineOf({ kind: 'secret.created', items: [hostile] });
    expect(text).toMatch(/^[\x20-\x7e]+\n$/);
    expect(members({ kind: 'secret.created', items: [hostile] })['items']).toEqual([hostile]);
    expect(readLine(text.slice(0, -1))).toBeDefined();
  });
  it('is of bounded length, whatever the names', () => {
    const [name, text] = ['\u0000'.repeat(1_000_000), '\u0001'.repeat(1_000_000)];
    const many = Array.from({ length: 10_000 }, (_, at) => `${'\u0002'.repeat(300)}${at}`);
    const event: AuditEvent = {
      kind: 'sealedsecret.opened',
      object: { kind: 'SealedSecret', namespace: text, name, uid: text, resourceVersion: text },
      ...{ items: many, keys: many.slice(0, 99), actor: { manager: text, operation: text, time: text } },
    };
    expect(lineOf(event).length).toBeLessThanOrEqual(MAX_LINE_BYTES);
    expect(members(event)).toMatchObject({ itemCount: 10_000, items: { length: 32 }, keys: { length: 16 } });
    const { items, keys } = members(event) as Record<'items' | 'keys', readonly string[]>;
    for (const each of [...items, ...keys]) expect(each).toBe(`${'\u0002'.repeat(253)}...`);
  });
});

describe('readLine', () => {
  /** A line of these members with the hash that fits. */
  const hashed = (fields: object) => {
    const body = JSON.stringify(fields);
    return `${body.slice(0, -1)},"hash":"${hash('sha256', body, 'hex')}"}`;
  };
  const whole = {
    v: 1,
    ...HEAD,
    seq: 1,
    time: TIME.toISOString(),
    prev: HEAD.hash,
    kind: 'k',
    hash: undefined,
  };
  it.each<[string, object]>([
    ['a number that is none', { seq: 1.5 }],
    ['the number 0', { seq: 0 }],
    ['a number that is too large', { seq: 2 ** 53 }],
    ['a chain with text in it', { chain: 'a name that looks like 36 characters' }],
    ['a time with text in it', { time: 'yesterday' }],
    ['the hash of no line before', { prev: 'f' }],
    ['a kind that is none', { kind: 1 }],
    ['a character that is not ASCII', { identity: 'é' }],
    ['more bytes than a line has', { identity: 'x'.repeat(MAX_LINE_BYTES) }],
  ])('does not take a line with %s, although all else is right', (_what, change) => {
    expect(readLine(hashed(whole))).toMatchObject({ seq: 1 });
    expect(readLine(hashed({ ...whole, ...change }))).toBeUndefined();
  });
  it.each([
    ['', undefined],
    ['{}', undefined],
    ['x'.repeat(MAX_LINE_BYTES + 1), undefined],
  ])('does not read %j', (text, read) => expect(readLine(text)).toBe(read));
  it.each([
    ['no number', { v: 1, chain: 'c', time: 't', prev: '0'.repeat(64), kind: 'k' }, undefined],
    ['no version', { chain: 'c', seq: 1, time: 't', prev: '0'.repeat(64), kind: 'k' }, undefined],
    ['a newer version', { v: 2 }, 'newer'],
  ])('does not take a line with %s for one, whatever its hash', (_what, fields, read) => {
    expect(readLine(hashed(fields))).toBe(read);
  });
});
