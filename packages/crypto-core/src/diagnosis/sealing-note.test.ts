import { describe, expect, it } from 'vitest';
import { SEALING_NOTE, sealingNote, sealingNoteOf } from './sealing-note.ts';

const A = `SHA256:${'a'.repeat(43)}`;
const B = `SHA256:${'b'.repeat(43)}`;
const DATA = { user: 'AgAAuser1234==', password: 'AgAApass5678', token: 'AgAAtoke9012' };
const object = (note: string, encryptedData: Record<string, string> = DATA) => ({
  metadata: { annotations: { [SEALING_NOTE]: note } },
  spec: { encryptedData },
});
const read = (note: string, encryptedData?: Record<string, string>) =>
  Object.fromEntries(sealingNoteOf(object(note, encryptedData)));

describe('sealingNote', () => {
  it('is the same for the same keys, and is read again', () => {
    const note = sealingNote(
      DATA,
      new Map([
        ['user', B],
        ['password', A],
        ['token', B],
        ['gone', A],
      ]),
    );
    expect(note).toBe(`{"${A}":{"password":"pass5678"},"${B}":{"token":"toke9012","user":"user1234"}}`);
    expect(read(note ?? '')).toEqual({ password: A, token: B, user: B });
    expect(sealingNote(DATA, new Map())).toBeUndefined();
  });
  it('is the same in whatever order the keys come', () => {
    const keys = [
      ['token', B],
      ['user', A],
      ['password', A],
    ] as const;
    const note = `{"${A}":{"password":"pass5678","user":"user1234"},"${B}":{"token":"toke9012"}}`;
    for (const order of [keys, keys.toReversed(), [keys[1], keys[2], keys[0]]])
      expect(sealingNote(DATA, new Map(order))).toBe(note);
    const crossed = new Map([
      ['password', B],
      ['user', A],
    ]);
    expect(sealingNote(DATA, crossed)).toBe(`{"${A}":{"user":"user1234"},"${B}":{"password":"pass5678"}}`);
  });
  it('knows a value again with spaces around it', () => {
    const note = `{"${A}":{"user":"user1234"}}`;
    expect(sealingNote({ user: ` ${DATA.user}\n` }, new Map([['user', A]]))).toBe(note);
    expect(read(note, { user: ` ${DATA.user}\n` })).toEqual({ user: A });
  });
  it('says nothing of a value that another program has changed since, or of an item that is new', () => {
    const note =
      sealingNote(
        DATA,
        new Map([
          ['user', A],
          ['password', A],
        ]),
      ) ?? '';
    expect(read(note, { ...DATA, user: 'AgAAother99', fresh: DATA.user })).toEqual({ password: A });
  });
  it.each([
    ['no JSON', 'hunter2'],
    ['another kind of JSON', '[1]'],
    ['null', 'null'],
    ['a fingerprint that is none', '{"evil\\n":{"user":"user1234"}}'],
    ['items that are none', `{"${A}":"user"}`],
    ['a name of every object', `{"${A}":{"__proto__":"x","constructor":"y"}}`],
    ['more than any program writes', `{"${A}":{"user":"user1234"}}${' '.repeat(300_000)}`],
  ])('is ignored where it is %s', (_what, note) => {
    expect(read(note)).toEqual({});
  });
  it('is nothing where there are no annotations', () => {
    expect(sealingNoteOf({ metadata: {}, spec: { encryptedData: DATA } }).size).toBe(0);
  });
});
