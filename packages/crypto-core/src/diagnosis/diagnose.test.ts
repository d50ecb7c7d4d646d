import { describe, expect, it } from 'vitest';
import { vectorKey } from '../../../../test/vectors/v2/vectors.ts';
import { generateKeyPair } from '../keys/key-pair.ts';
import { groupRecipients } from '../keys/x-wing/recipient.ts';
import type { ObjectMeta, SealedSecret, Secret } from '../secret/resource.ts';
import { type Scope, withScope } from '../secret/scope.ts';
import { sealSecret } from '../secret/seal.ts';
import { KeyRing } from '../value/key-ring.ts';
import { contradictions, type DiagnosisEvidence, diagnose, valueFault } from './diagnose.ts';
import { otherScopeOf } from './other-scope.ts';
import { SEALING_NOTE, sealingNote } from './sealing-note.ts';

const pair = await generateKeyPair(2048);
const other = await generateKeyPair(2048);
const SECRET: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'shop', name: 'db' },
  stringData: { password: 'hunter2' },
};
const seal = (scope: Scope = 'strict') => sealSecret(SECRET, pair, scope);
const withValue = (object: SealedSecret, password: string): SealedSecret => ({
  ...object,
  spec: { ...object.spec, encryptedData: { password } },
});
const sealedIn = ({ spec }: SealedSecret) => spec.encryptedData['password'] ?? '';
const causesOf = (object: SealedSecret, evidence?: DiagnosisEvidence) =>
  diagnose(object, evidence).map(({ cause, item }) => (item === undefined ? cause : `${item}: ${cause}`));
const keysOf = (bits: number, ...fingerprints: string[]) => ({
  keys: { fingerprints: new Set(fingerprints), bits: new Set([bits]) },
});

describe('diagnose', () => {
  it('says nothing of an object in which nothing is wrong', async () => {
    expect(diagnose(await seal())).toEqual([]);
  });
  it.each<[string, (value: string) => string, string]>([
    ['plain text', () => 'hunter2', 'not-sealed'],
    ['base64 of something else', () => 'aHVudGVyMg==', 'not-sealed'],
    ['a value that was cut', (value) => value.slice(0, 200), 'cut'],
    ['a value with spaces', (value) => `${value.slice(0, 76)} ${value.slice(76)}`, 'wrapped'],
  ])('recognises %s', async (_what, change, cause) => {
    const sealed = await seal();
    const [only, ...more] = diagnose(withValue(sealed, change(sealedIn(sealed))));
    expect([only, more]).toEqual([{ cause, item: 'password', message: expect.any(String) }, []]);
    expect(only?.message).not.toMatch(/hunter2|aHVudGVyMg/);
    expect(valueFault(change(sealedIn(sealed)))).toBe(cause);
  });
  it('recognises that the object was renamed or moved, by its template', async () => {
    const sealed = await seal();
    const moved = { ...sealed, metadata: { ...sealed.metadata, namespace: 'market', name: 'db2' } };
    expect(causesOf(moved)).toEqual(['template-namespace', 'template-name']);
  });
  it('recognises a key that was not tried, by the sealing note, and names it where it is known', async () => {
    const sealed = await seal();
    const note = sealingNote(sealed.spec.encryptedData, new Map([['password', pair.id]])) ?? '';
    const noted = { ...sealed, metadata: { ...sealed.metadata, annotations: { [SEALING_NOTE]: note } } };
    const evidence = keysOf(2048, other.id);
    expect(causesOf(noted, evidence)).toEqual(['password: other-key']);
    const names = new Map([[pair.id, 'the key of clusters/b/cert.pem']]);
    expect(diagnose(noted, { ...evidence, names })[0]?.message).toBe(
      `its note says that it was sealed with key ${pair.id} (the key of clusters/b/cert.pem), which is not among the keys that were tried`,
    );
    expect(causesOf(noted, keysOf(2048, pair.id))).toEqual([]);
  });
  it('recognises a key that opened the same value before, and believes the note more', async () => {
    const sealed = await seal();
    const evidence = {
      ...keysOf(2048, other.id),
      lastKeys: new Map([['password', pair.id]]),
      names: new Map([[pair.id, 'retired on 2026-01-01 by kubeseal keys retire']]),
    };
    expect(diagnose(sealed, evidence)[0]?.message).toBe(
      `it was last opened with key ${pair.id} (retired on 2026-01-01 by kubeseal keys retire), which is not among the keys that were tried`,
    );
    const note = sealingNote(sealed.spec.encryptedData, new Map([['password', other.id]])) ?? '';
    const noted = { ...sealed, metadata: { ...sealed.metadata, annotations: { [SEALING_NOTE]: note } } };
    expect(causesOf(noted, evidence)).toEqual([]);
  });
  it('recognises a key of a size that was not tried', async () => {
    expect(causesOf(await seal(), keysOf(4096, other.id))).toEqual(['password: key-size']);
  });
  it('does not guess by the size where that is unknown', async () => {
    const sealed = await seal();
    const noSizes = { keys: { fingerprints: new Set([other.id]), bits: new Set<number>() } };
    expect(causesOf(sealed, noSizes)).toEqual([]);
    expect(causesOf(sealed, keysOf(2048, other.id))).toEqual([]);
    expect(causesOf(sealed)).toEqual([]);
  });
  it('says under which scope an item opens, where that was tried', async () => {
    const [found] = diagnose(await seal(), { scopes: new Map([['password', 'cluster-wide']]) });
    expect(found).toMatchObject({
      cause: 'other-scope',
      item: 'password',
      message: 'it opens as cluster-wide: its annotations say something else',
    });
    expect(causesOf(await seal(), { scopes: new Map([['user', 'cluster-wide']]) })).toEqual([]);
  });
  it('leaves out the name of a key that has none', async () => {
    const lastKeys = new Map([['password', pair.id]]);
    expect(diagnose(await seal(), { ...keysOf(2048, other.id), lastKeys })[0]?.message).toBe(
      `it was last opened with key ${pair.id}, which is not among the keys that were tried`,
    );
  });
  it('says nothing of the place where all items open', async () => {
    const moved = { ...(await seal()), metadata: { namespace: 'market', name: 'db2' } };
    expect(diagnose(moved, { opened: new Set(['password']) })).toEqual([]);
  });
  it('leaves out items that open', async () => {
    const sealed = withValue(await seal(), 'hunter2');
    expect(diagnose(sealed, { opened: new Set(['password']) })).toEqual([]);
  });
});

describe('contradictions', () => {
  const of = (own: ObjectMeta, template?: ObjectMeta | null) =>
    contradictions({
      metadata: own,
      spec: template === undefined ? {} : { template: { metadata: template } },
    }).map(({ cause }) => cause);
  const place = { namespace: 'shop', name: 'db' };
  const moved = { namespace: 'market', name: 'db2' };
  const [namespaceWide, clusterWide] = [
    { annotations: withScope({}, 'namespace-wide') },
    { annotations: withScope({}, 'cluster-wide') },
  ];
  it.each<[string, ObjectMeta, ObjectMeta | null | undefined, string[]]>([
    ['there is no template', moved, undefined, []],
    ['there is no metadata in it', moved, null, []],
    ['it names no place', moved, {}, []],
    ['it names the same place', place, place, []],
    ['it names another name', { ...place, name: 'db2' }, place, ['template-name']],
    ['it names another namespace', { ...place, namespace: 'market' }, place, ['template-namespace']],
    ['the object has no name', { namespace: 'shop' }, place, ['template-name']],
    ['a namespace-wide object has another name', { ...place, name: 'db2', ...namespaceWide }, place, []],
    ['a namespace-wide object was moved', { ...moved, ...namespaceWide }, place, ['template-namespace']],
    ['a cluster-wide object was moved', { ...moved, ...clusterWide }, place, []],
    ['it says another scope', place, { ...place, ...clusterWide }, ['template-scope']],
    ['it says the same scope', { ...place, ...clusterWide }, { ...place, ...clusterWide }, []],
    [
      'it says a narrower scope',
      { ...place, ...clusterWide },
      { ...place, ...namespaceWide },
      ['template-scope'],
    ],
    ['it says no scope', { ...place, ...clusterWide }, place, []],
  ])('are found in a template where %s', (_what, own, template, expected) => {
    expect(of(own, template)).toEqual(expected);
  });
  it('name what differs', () => {
    const [name, scope] = contradictions({
      metadata: { ...place, name: 'db2' },
      spec: { template: { metadata: { ...place, ...clusterWide } } },
    });
    expect(name?.message).toBe(
      'its template has the name db: a value that was sealed for that does not open here',
    );
    expect(scope?.message).toBe(
      'its template says cluster-wide, but its own annotations, which count, say strict',
    );
  });
});

describe('otherScopeOf', () => {
  it.each<[Scope, Scope]>([
    ['strict', 'cluster-wide'],
    ['namespace-wide', 'strict'],
    ['cluster-wide', 'namespace-wide'],
  ])('finds that a value of scope %s does not fit the annotation %s', async (scope, annotated) => {
    const sealed = await seal(scope);
    const changed = { ...sealed, metadata: { ...SECRET.metadata, annotations: withScope({}, annotated) } };
    expect(await otherScopeOf(changed, 'password', KeyRing.of(other, pair))).toBe(scope);
  });
  it('finds nothing under another name or namespace', async () => {
    const sealed = await seal();
    for (const metadata of [
      { namespace: 'shop', name: 'db2' },
      { namespace: 'market', name: 'db' },
    ])
      expect(await otherScopeOf({ ...sealed, metadata }, 'password', KeyRing.of(pair))).toBeUndefined();
  });
  it('asks 16 times at most, however many keys there are', async () => {
    let asked = 0;
    const keys = Array.from({ length: 40 }, (_, at) => ({
      id: `key ${at}`,
      mayOpen: () => true,
      open: async () => {
        asked += 1;
        return null;
      },
    }));
    expect(await otherScopeOf(await seal(), 'password', KeyRing.of(...keys))).toBeUndefined();
    expect(asked).toBe(16);
  });
  it('wipes what it opens, and does not read damaged values', async () => {
    const opened: Uint8Array[] = [];
    const watching = {
      ...{ id: pair.id, mayOpen: () => true },
      open: async (...args: Parameters<typeof pair.open>) => {
        const plaintext = await pair.open(...args);
        if (plaintext) opened.push(plaintext);
        return plaintext;
      },
    };
    const sealed = { ...(await seal('cluster-wide')), metadata: SECRET.metadata };
    expect(await otherScopeOf(sealed, 'password', KeyRing.of(watching))).toBe('cluster-wide');
    expect(opened.map((each) => each.every((byte) => byte === 0))).toEqual([true]);
    expect(await otherScopeOf(withValue(sealed, 'AAAA'), 'password', KeyRing.of(watching))).toBeUndefined();
    expect(await otherScopeOf(sealed, '__proto__', KeyRing.of(watching))).toBeUndefined();
  });
});

describe('diagnose, for values of format v2', () => {
  it('says for which keys they are sealed, where none of these was tried', async () => {
    const [own, foreign] = await Promise.all(
      [1, 2].map((byte) => vectorKey(Buffer.alloc(32, byte).toString('hex'))),
    );
    if (!own || !foreign) throw new Error('no keys');
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'shop', name: 'db' },
      data: { a: '' },
    } as const;
    const both = await sealSecret(secret, groupRecipients([own.recipient, foreign.recipient]));
    const keysOf = (...ids: readonly string[]) => ({
      keys: { fingerprints: new Set(ids), bits: new Set<number>() },
    });
    const names = new Map([[own.id, 'the key of stage']]);
    const [reason, ...others] = diagnose(both, { ...keysOf('SHA256:x'), names });
    expect(others).toEqual([]);
    expect(reason).toMatchObject({ cause: 'other-key', item: 'a' });
    expect(reason?.message).toContain(`${own.id} (the key of stage)`);
    expect(reason?.message).toContain(foreign.id);
    expect(diagnose(both, keysOf(foreign.id))).toEqual([]);
  });
});
