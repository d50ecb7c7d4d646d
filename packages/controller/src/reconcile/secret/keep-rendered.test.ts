import type { SealedSecret, Secret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { keepRendered, mergedTexts } from './written.ts';

/** The account of a live Secret in which the controller wrote these items and labels. */
const account = (items: readonly string[], labels: readonly string[] = []) => {
  const fieldsOf = (names: readonly string[]) => ({
    '.': {},
    ...Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
  });
  const fieldsV1 = { 'f:data': fieldsOf(items), 'f:metadata': { 'f:labels': fieldsOf(labels) } };
  return [{ manager: 'sealed-secrets-controller', operation: 'Update', fieldsV1 }];
};
const secretOf = (data: Record<string, string> | undefined, metadata: object = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata,
  ...(data ? { data } : {}),
});
const sealedOf = (
  template: SealedSecret['spec']['template'],
  items: readonly string[] = [],
): SealedSecret => ({
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: { name: 'db', namespace: 'shop' },
  spec: {
    encryptedData: Object.fromEntries(items.map((item) => [item, 'AgB'])),
    ...(template ? { template } : {}),
  },
});
const RENDERED = sealedOf({ data: { url: '{{ .password }}' } });

describe('keepRendered', () => {
  const kept = (live: Secret, sealed = RENDERED) => keepRendered(secretOf({ url: 'new' }), live, sealed).data;

  it('keeps the live value of an item that only the controller has written', () => {
    const live = secretOf({ url: 'live' }, { managedFields: account(['url']) });
    expect(kept(live)).toEqual({ url: 'live' });
  });
  it.each<[string, Secret]>([
    ['that something else has written', secretOf({ url: 'live' }, { managedFields: account(['other']) })],
    ['of a Secret without an account', secretOf({ url: 'live' })],
    ['that is gone', secretOf({ other: 'x' }, { managedFields: account(['url']) })],
    ['of a Secret without data', secretOf(undefined, { managedFields: account(['url']) })],
  ])('renders an item again %s', (_what, live) => {
    expect(kept(live)).toStrictEqual({ url: 'new' });
  });
  it.each<[string, SealedSecret]>([
    ['a text without a template', sealedOf({ data: { url: 'fixed' } })],
    ['a sealed value of the same name', sealedOf({ data: { url: '{{ .password }}' } }, ['url'])],
    ['no text of a template', sealedOf(undefined)],
  ])('puts what the SealedSecret says in the place of a live value: %s', (_what, sealed) => {
    const live = secretOf({ url: 'live' }, { managedFields: account(['url']) });
    expect(kept(live, sealed)).toEqual({ url: 'new' });
  });
});

describe('mergedTexts', () => {
  it('drops what only the controller wrote, and keeps what others did', () => {
    const labels = { old: 'x', team: 'ops' };
    const live = secretOf({}, { labels, managedFields: account([], ['old']) });
    expect(mergedTexts(live, { labels: { app: 'shop' } }).labels).toEqual({ app: 'shop', team: 'ops' });
  });
  it.each([{ managedFields: account([], ['old'])[0] }, {}])(
    'replaces all where there is no account of what was written: %j',
    (metadata) => {
      const live = secretOf({}, { labels: { team: 'ops' }, ...metadata });
      expect(mergedTexts(live, {})).toEqual({ labels: {}, annotations: {} });
    },
  );
});
