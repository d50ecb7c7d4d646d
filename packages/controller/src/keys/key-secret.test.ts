import {
  encodeBase64,
  encodeUtf8,
  exportPrivateKey,
  formatPem,
  KEY_LABEL,
  KEY_TYPES,
  parsePem,
  SEALING_KEY_LABEL,
} from '@fuin/crypto-core';
import { DER, readDerSequence, writeDer } from '@fuin/crypto-core/x509';
import type { KubeObject } from '@fuin/kube/client';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { keySecret } from '../testing/recorders.ts';
import { isMadeBySealedSecret, plantedKey, readKeySecret, toKeySecret } from './key-secret.ts';

let good: Awaited<ReturnType<typeof keySecret>>;
let other: Awaited<ReturnType<typeof keySecret>>;

beforeAll(async () => {
  [good, other] = await Promise.all([keySecret('good'), keySecret('other')]);
});

const base64 = (text: string) => encodeBase64(encodeUtf8(text));
const dataOf = (secret: KubeObject) => secret['data'] as Record<string, string>;
const withData = (data: unknown): KubeObject => ({ ...good.secret, data });
const pemOf = (item: string) => atob(dataOf(good.secret)[item] ?? '');

describe('readKeySecret', () => {
  it('reads what toKeySecret writes', async () => {
    const key = await readKeySecret(good.secret, {});
    expect(key.keyPair.id).toBe(good.keyPair.id);
    expect(key).toMatchObject({
      name: 'good',
      published: pemOf('tls.crt'),
      notBefore: new Date('2026-01-01'),
    });
  });
  it('reads PKCS#8 keys, a chain (its first certificate counts), and any Secret type', async () => {
    const chain = `text before\n${pemOf('tls.crt')}${atob(dataOf(other.secret)['tls.crt'] ?? '')}`;
    const data = { 'tls.key': base64(exportPrivateKey(good.keyPair, 'pkcs8')), 'tls.crt': base64(chain) };
    const key = await readKeySecret({ ...withData(data), type: 'Opaque' }, {});
    expect(key.keyPair.id).toBe(good.keyPair.id);
    expect(key.published).toBe(pemOf('tls.crt'));
  });
  it('falls back to the certificate when the server gave no creation time', async () => {
    const metadata = { ...good.secret.metadata, creationTimestamp: 'never' };
    expect((await readKeySecret({ ...good.secret, metadata }, {})).createdAt).toEqual(new Date('2026-01-01'));
  });
  it('refuses a certificate that belongs to another key', async () => {
    const data = { ...dataOf(good.secret), 'tls.crt': dataOf(other.secret)['tls.crt'] };
    await expect(readKeySecret(withData(data), {})).rejects.toMatchObject({
      code: 'ERR_KEY_SECRET_INVALID',
      message: 'key Secret good: the certificate in tls.crt does not belong to the key in tls.key',
    });
  });
  it.each([
    ['no data', undefined],
    ['null', null],
    ['a text', 'x'],
    ['nothing in it', {}],
    ['no certificate', { 'tls.key': 'QQ==' }],
    ['numbers', { 'tls.key': 1, 'tls.crt': 2 }],
    ['no base64', { 'tls.key': '!', 'tls.crt': '!' }],
    [
      'an EC key',
      {
        'tls.key': base64(readVector('keys/ec-p256.pkcs8.pem')),
        'tls.crt': base64(readVector('x509/ec.crt')),
      },
    ],
    [
      'a short key',
      {
        'tls.key': base64(readVector('keys/rsa512.pkcs8.pem')),
        'tls.crt': base64(readVector('x509/rsa512.crt')),
      },
    ],
    [
      'an encrypted key',
      {
        'tls.key': base64(readVector('keys/rsa2048-a.encrypted-pkcs8.pem')),
        'tls.crt': base64(readVector('x509/rsa-a.crt')),
      },
    ],
    [
      'a PEM of zeroes',
      { 'tls.key': base64(formatPem('RSA PRIVATE KEY', new Uint8Array(500))), 'tls.crt': 'QQ==' },
    ],
  ])('refuses a Secret with %s', async (_name, data) => {
    await expect(readKeySecret(withData(data), {})).rejects.toMatchObject({ code: 'ERR_KEY_SECRET_INVALID' });
  });
  it.each([undefined, null, 'x', {}, { 'tls.key': 1 }])('says which item is missing in %j', async (data) => {
    await expect(readKeySecret(withData(data), {})).rejects.toThrow('key Secret good: tls.key: missing');
    const key = { 'tls.key': dataOf(good.secret)['tls.key'] };
    await expect(readKeySecret(withData(key), {})).rejects.toThrow('key Secret good: tls.crt: missing');
  });
  it('refuses a key that looks intact and of which one number is damaged', async () => {
    const [block] = parsePem(pemOf('tls.key'));
    const [sequence] = readDerSequence(block?.bytes ?? new Uint8Array());
    const numbers = readDerSequence(sequence?.content ?? new Uint8Array()).map(({ encoded }, at) =>
      at === 8 ? (encoded.with(-3, (encoded.at(-3) ?? 0) ^ 4) as typeof encoded) : encoded,
    );
    const pem = formatPem('RSA PRIVATE KEY', writeDer(DER.sequence, ...numbers));
    const data = { ...dataOf(good.secret), 'tls.key': base64(pem) };
    await expect(readKeySecret(withData(data), {})).rejects.toThrow(
      'key Secret good: tls.key: the private key is damaged',
    );
  });
  it.each(['tls.key', 'tls.crt'])('does not repeat what a failing parser says about %s', async (item) => {
    const data = {
      ...dataOf(good.secret),
      get [item](): string {
        throw new TypeError('canary-7f3a is not a key');
      },
    };
    await expect(readKeySecret(withData(data), {})).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`^key Secret \\S+: ${item}: it cannot be read$`)),
    });
  });
  it('refuses damaged keys and certificates in one way and never quotes them', async () => {
    const key = parsePem(pemOf('tls.key'))[0]?.bytes ?? new Uint8Array();
    const certificate = parsePem(pemOf('tls.crt'))[0]?.bytes ?? new Uint8Array();
    const damage = fc.record({
      at: fc.nat(key.length - 1),
      value: fc.nat(255),
      cut: fc.nat(40),
      isKey: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, value, cut, isKey }) => {
        const bytes = (isKey ? key : certificate).slice(0, (isKey ? key : certificate).length - cut);
        bytes[at % bytes.length] = value;
        const data = isKey
          ? { ...dataOf(good.secret), 'tls.key': base64(formatPem('RSA PRIVATE KEY', bytes)) }
          : { ...dataOf(good.secret), 'tls.crt': base64(formatPem('CERTIFICATE', bytes)) };
        const failure = await readKeySecret(withData(data), {}).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failure === undefined) return; // some bits do not matter, such as those of the signature
        expect(failure).toMatchObject({ code: 'ERR_KEY_SECRET_INVALID' });
        expect((failure as Error).message.length).toBeLessThan(200);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a key Secret that a SealedSecret could have made', () => {
  const prefix = 'sealedsecrets.bitnami.com/';
  const owner = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: 'x', uid: 'u' };
  const pod = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p' };
  const made = (metadata: Partial<KubeObject['metadata']>) =>
    isMadeBySealedSecret({ ...good.secret, metadata: { ...good.secret.metadata, ...metadata } });
  it.each([
    ['has a SealedSecret as an owner', { ownerReferences: [pod, owner] }],
    ['has one of another version', { ownerReferences: [{ ...owner, apiVersion: 'bitnami.com/v9' }] }],
    ['may be taken over', { annotations: { [`${prefix}managed`]: 'true' } }],
    ['may be patched', { annotations: { note: 'x', [`${prefix}patch`]: 'true' } }],
    ['has no owner by wish', { annotations: { [`${prefix}skip-set-owner-references`]: 'true' } }],
  ])('is one that %s', (_what, metadata) => expect(made(metadata)).toBe(true));
  it.each([
    ['nothing', {}],
    ['something else', { ownerReferences: [pod], annotations: { note: 'true' } }],
    ['another kind of the group', { ownerReferences: [{ ...owner, kind: 'Other' }] }],
    ['this kind of another group', { ownerReferences: [{ ...owner, apiVersion: 'x/v1alpha1' }] }],
    ['a mark that says no', { annotations: { [`${prefix}managed`]: 'false', [`${prefix}patch`]: '' } }],
  ])('is none that carries %s', (_what, metadata) => expect(made(metadata)).toBe(false));
  it.each([
    [{ [KEY_LABEL]: 'active' }, KEY_LABEL],
    [{ [SEALING_KEY_LABEL]: 'active' }, SEALING_KEY_LABEL],
    [{}, KEY_LABEL],
    [undefined, KEY_LABEL],
  ])('names the label to set again: %j', (labels, label) => {
    const { name } = good.secret.metadata;
    const metadata = { ...(name ? { name } : {}), ...(labels ? { labels } : {}) };
    const { message } = plantedKey({ ...good.secret, metadata });
    expect(message).toContain('key Secret good: it was created by a SealedSecret');
    expect(message).toContain(`its label ${label} is set to "refused"`);
  });
});

describe('what a key Secret says beside its key', () => {
  const read = (metadata: Partial<KubeObject['metadata']>) =>
    readKeySecret({ ...good.secret, metadata: { ...good.secret.metadata, ...metadata } }, {});
  it.each([
    [undefined, false],
    ['', false],
    ['now', true],
  ])('asks for another key with the annotation %j: %s', async (text, expected) => {
    const annotations = text === undefined ? {} : { 'sealedsecrets.bitnami.com/replace-key': text };
    expect((await read({ annotations })).isReplacementAsked).toBe(expected);
  });
  it.each([
    [undefined, undefined],
    ['soon', undefined],
    ['2026-05-01T00:00:00Z', new Date('2026-05-01T00:00:00Z')],
  ])('says when it was backed up: %j', async (text, expected) => {
    const annotations = text === undefined ? {} : { 'sealedsecrets.bitnami.com/last-backup': text };
    expect((await read({ annotations })).lastBackupAt).toEqual(expected);
  });
  it.each(Object.values(KEY_TYPES))('is no RSA key with the type %s', async (type) => {
    await expect(readKeySecret({ ...good.secret, type }, {})).rejects.toMatchObject({
      code: 'ERR_KEY_SECRET_INVALID',
    });
  });
});

describe('toKeySecret', () => {
  const parts = { certificatePem: 'cert', namespace: 'home', prefix: 'my-key', labels: {}, annotations: {} };
  it('writes what upstream writes', () => {
    const secret = toKeySecret({ ...parts, keyPair: good.keyPair });
    expect(secret).toMatchObject({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { generateName: 'my-key', namespace: 'home', labels: { [KEY_LABEL]: 'active' } },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': btoa('cert') },
    });
    expect(atob(dataOf(secret)['tls.key'] ?? '')).toContain('-----BEGIN RSA PRIVATE KEY-----');
    expect(secret).not.toHaveProperty('immutable');
    expect(secret.metadata).not.toHaveProperty('annotations');
  });
  it('adds labels and annotations, but lets no label take the key out of use', () => {
    const labels = { team: 'a', [KEY_LABEL]: 'no' };
    const secret = toKeySecret({ ...parts, keyPair: good.keyPair, labels, annotations: { note: 'x' } });
    expect(secret.metadata).toMatchObject({
      labels: { team: 'a', [KEY_LABEL]: 'active' },
      annotations: { note: 'x' },
    });
  });
});
