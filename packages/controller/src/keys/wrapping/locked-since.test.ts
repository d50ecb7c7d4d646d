import { KEY_ANNOTATIONS } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { lockedSince } from './locked-since.ts';

const NOW = new Date('2026-06-01T00:00:00Z');

/** A wrapped key Secret with nothing but what its age and format are read from. */
function wrapped(item: 'tls.crt' | 'public-key', created: string, begins?: string): KubeObject {
  const validity = begins && `${begins}T00:00:00Z/2036-01-01T00:00:00Z`;
  return {
    metadata: {
      ...(created ? { creationTimestamp: `${created}T00:00:00Z` } : {}),
      annotations: validity ? { [KEY_ANNOTATIONS.validity]: validity } : {},
    },
    data: { [item]: 'AAAA' },
  };
}
const rsa = (created: string, begins?: string) => wrapped('tls.crt', created, begins);
const v2 = (created: string, begins?: string) => wrapped('public-key', created, begins);

const since = (
  secrets: KubeObject[],
  format: 'v1' | 'v2',
  order: 'CertNotBefore' | 'SecretCreationTimestamp',
) => lockedSince(secrets, { format, order, now: NOW })?.toISOString().slice(0, 10);

describe('lockedSince', () => {
  it('tells the newest date of the keys of one format', () => {
    const secrets = [
      rsa('2026-02-01', '2026-01-15'),
      rsa('2026-04-01', '2026-03-15'),
      rsa('2026-03-01', '2026-02-15'),
      v2('2026-05-01', '2026-04-15'),
    ];
    for (const each of [secrets, secrets.toReversed()]) {
      expect(since(each, 'v1', 'CertNotBefore')).toBe('2026-03-15');
      expect(since(each, 'v1', 'SecretCreationTimestamp')).toBe('2026-04-01');
      expect(since(each, 'v2', 'CertNotBefore')).toBe('2026-04-15');
      expect(since(each, 'v2', 'SecretCreationTimestamp')).toBe('2026-05-01');
    }
  });
  it('passes over keys that have not begun yet, but for one that begins now', () => {
    expect(since([rsa('2026-05-01', '2026-06-02')], 'v1', 'CertNotBefore')).toBeUndefined();
    expect(since([rsa('2026-06-02')], 'v1', 'SecretCreationTimestamp')).toBeUndefined();
    expect(since([rsa('2026-05-01', '2026-06-01')], 'v1', 'CertNotBefore')).toBe('2026-06-01');
  });
  it('takes the creation where the Secret of an RSA key does not say when it begins', () => {
    expect(since([rsa('2026-05-01')], 'v1', 'CertNotBefore')).toBe('2026-05-01');
  });
  it('does not count a key of format v2 that does not say it', () => {
    expect(since([v2('2026-05-01')], 'v2', 'CertNotBefore')).toBeUndefined();
    expect(since([v2('2026-05-01')], 'v2', 'SecretCreationTimestamp')).toBe('2026-05-01');
  });
  it('knows no date without any', () => {
    expect(since([], 'v1', 'CertNotBefore')).toBeUndefined();
    expect(since([rsa('')], 'v1', 'CertNotBefore')).toBeUndefined();
  });
});
