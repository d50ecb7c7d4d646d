import type { Scope } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import {
  BACKUP,
  certificate,
  FOREIGN,
  inspect,
  itemsOf,
  KEYS,
  keySecret,
  NEW,
  NEW_CERT,
  NEW_FROM,
  notesOf,
  OLD,
  OLD_FROM,
  sealed,
} from '../../testing/inspected.ts';
import { vector } from '../../testing/keys.ts';

describe('kubeseal inspect', () => {
  it('tells scope and size of each item without any key, and never a value', async () => {
    const files = {
      'a.json': await sealed('db', { password: 'hunter2', empty: '' }),
      'b/wide.json': await sealed('tls', { key: 'grün' }, { scope: 'cluster-wide' }),
      'b/config.yaml': 'kind: ConfigMap\ndata: {note: a SealedSecret}\n',
    };
    const { code, stderr, report } = await inspect(files);
    expect({ code, stderr, version: report.schemaVersion }).toEqual({ code: 0, stderr: '', version: 1 });
    const unknown = { keyStatus: 'unknown', keyEvidence: 'none', keyFingerprint: null, keyCreatedAt: null };
    const item = (name: string, valueBytes: number) => ({
      name,
      state: 'sealed',
      valueBytes,
      keyBits: 2048,
      format: 'v1',
      recipients: null,
      boundToItem: null,
      expiresAt: null,
      ...unknown,
    });
    const place = (file: string) => ({ file, place: `document 1 of ${file}`, namespace: 'shop', notes: [] });
    expect(report.sealedSecrets).toEqual([
      { ...place('a.json'), name: 'db', scope: 'strict', items: [item('empty', 0), item('password', 7)] },
      { ...place('b/wide.json'), name: 'tls', scope: 'cluster-wide', items: [item('key', 5)] },
    ]);
  });
  it('tells which of the given keys sealed an item, and which one is older', async () => {
    const files = {
      'keys.yaml': BACKUP,
      'a.json': await sealed('a', { x: '1' }, { key: OLD }),
      'b.json': await sealed('b', { x: '1' }),
      'c.json': await sealed('c', { x: '1' }, { key: FOREIGN }),
    };
    const { report } = await inspect(files, [...KEYS, '.']);
    expect(itemsOf(report)).toMatchObject([
      {
        keyStatus: 'stale',
        keyFingerprint: OLD.id,
        keyCreatedAt: OLD_FROM.toISOString(),
        keyEvidence: 'opened',
      },
      { keyStatus: 'unknown', keyFingerprint: NEW.id, keyCreatedAt: NEW_FROM.toISOString() },
      { keyStatus: 'unknown', keyFingerprint: null, keyEvidence: 'none' },
    ]);
    expect(notesOf(report)).toEqual(['not-opened']);
  });
  it('calls what the key of --cert sealed current, though the certificate has expired, and the rest stale', async () => {
    const files = {
      'keys.yaml': BACKUP,
      'cert.pem': NEW_CERT,
      'a.json': await sealed('a', { x: '1' }, { key: OLD }),
      'b.json': await sealed('b', { x: '1' }),
    };
    const { report } = await inspect(files, [...KEYS, '--cert', 'cert.pem', '.']);
    expect(itemsOf(report).map(({ keyStatus }) => keyStatus)).toEqual(['stale', 'current']);
    const old = { ...files, 'cert.pem': await certificate(OLD, OLD_FROM) };
    const older = await inspect(old, [...KEYS, '--cert', 'cert.pem', '.']);
    expect(itemsOf(older.report).map(({ keyStatus }) => keyStatus)).toEqual(['current', 'unknown']);
  });
  it('knows without keys only that a key of another size is not that of --cert', async () => {
    const files = {
      'cert.pem': NEW_CERT,
      'a.json': await sealed('a', { x: '1' }, { key: OLD }),
      'b.yaml': vector('kubeseal/out-tls.yaml'),
    };
    const { report } = await inspect(files, ['--cert', 'cert.pem', '.']);
    expect(itemsOf(report).map(({ keyStatus, keyEvidence }) => [keyStatus, keyEvidence])).toEqual([
      ['unknown', 'none'],
      ['stale', 'key-size'],
      ['stale', 'key-size'],
    ]);
  });
  it('takes the date of a key Secret without a certificate from the Secret, and none from bare PEM', async () => {
    const files = {
      'keys.yaml': keySecret('rsa2048-a.pkcs8', ''),
      'b.pem': vector('keys/rsa2048-b.pkcs8.pem'),
      'a.json': await sealed('a', { x: '1' }, { key: OLD }),
      'b.json': await sealed('b', { x: '1' }),
    };
    const { report } = await inspect(files, [...KEYS, '--recovery-private-key', 'b.pem', '.']);
    expect(itemsOf(report).map(({ keyCreatedAt }) => keyCreatedAt)).toEqual([
      '2020-01-01T00:00:00.000Z',
      null,
    ]);
  });
  it('tells items that are damaged, not sealed or a template from sealed ones', async () => {
    const whole = JSON.parse(await sealed('db', { cut: '1' }));
    const { cut } = whole.spec.encryptedData;
    whole.spec.encryptedData = {
      cut: cut.slice(0, 100),
      plain: 'hunter2',
      ref: '{{ .Values.x }}',
      none: null,
    };
    const { code, report } = await inspect({ 'a.json': JSON.stringify(whole) });
    expect(code).toBe(0);
    expect(itemsOf(report).map(({ name, state, valueBytes }) => [name, state, valueBytes])).toEqual([
      ['cut', 'damaged', null],
      ['plain', 'not-sealed', null],
      ['ref', 'template', null],
      ['none', 'not-sealed', null],
    ]);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });
  it.each<[string, Scope, object, string[]]>([
    ['a strict one that was renamed', 'strict', { name: 'db2' }, ['template-name']],
    ['a strict one that was moved', 'strict', { namespace: 'market' }, ['template-namespace']],
    ['a namespace-wide one that was renamed', 'namespace-wide', { name: 'db2' }, []],
    [
      'a namespace-wide one that was moved',
      'namespace-wide',
      { namespace: 'market' },
      ['template-namespace'],
    ],
    ['a cluster-wide one that was moved', 'cluster-wide', { namespace: 'market', name: 'x' }, []],
    ['one whose annotation was lost', 'cluster-wide', { annotations: {} }, ['template-scope']],
  ])('notes what contradicts the template in %s', async (_what, scope, metadata, kinds) => {
    const object = JSON.parse(await sealed('db', { x: '1' }, { scope }));
    const moved = { ...object, metadata: { ...object.metadata, ...metadata } };
    expect(notesOf((await inspect({ 'a.json': JSON.stringify(moved) })).report)).toEqual(kinds);
  });
  it('notes objects that are there twice, where the other one is', async () => {
    const text = await sealed('db', { x: '1' });
    const { report } = await inspect({
      'a/db.json': text,
      'b/db.json': text,
      'c.json': await sealed('c', {}),
    });
    expect(report.sealedSecrets.map(({ notes }) => notes.map(({ message }) => message))).toEqual([
      ['the same namespace and name are in document 1 of b/db.json'],
      ['the same namespace and name are in document 1 of a/db.json'],
      [],
    ]);
  });
  it('reads Lists, several documents, UTF-16 and the legacy spec.data', async () => {
    const one = JSON.parse(await sealed('one', { x: '1' }));
    const legacy = { ...one, metadata: { name: 'two' }, spec: { data: one.spec.encryptedData.x } };
    const list = `${JSON.stringify({ kind: 'List', items: [one, { kind: 'Secret' }, legacy] })}\n---\nkind: Pod\n`;
    const { report } = await inspect({ 'a.json': Buffer.from(`\ufeff${list}`, 'utf16le') });
    expect(report.sealedSecrets.map(({ place, items }) => [place, items.map(({ name }) => name)])).toEqual([
      ['item 1 of document 1 of a.json', ['x']],
      ['item 3 of document 1 of a.json', ['(spec.data)']],
    ]);
  });
});
