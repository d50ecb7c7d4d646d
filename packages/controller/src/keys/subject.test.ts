import { describe, expect, it } from 'vitest';
import { clusterMarkOf, subjectOf } from './subject.ts';

describe('subjectOf', () => {
  it('names the controller, its namespace and the cluster', () => {
    expect(subjectOf('sealed-secrets-controller', 'kube-system', '0a1b')).toEqual({
      commonName: 'sealed-secrets-controller.kube-system',
      organization: 'cluster 0a1b',
    });
  });
  it('keeps to the length that X.509 allows', () => {
    expect(subjectOf('a'.repeat(63), 'b'.repeat(63), '').commonName).toHaveLength(64);
  });
});

describe('clusterMarkOf', () => {
  it('is the same for the same authority, however its lines end, and another one for another', () => {
    const mark = clusterMarkOf('-----A-----\nx\n');
    expect(mark).toMatch(/^[0-9a-f]{12}$/);
    expect(clusterMarkOf(Buffer.from('-----A-----\r\nx'))).toBe(mark);
    expect(clusterMarkOf('-----B-----\nx\n')).not.toBe(mark);
  });
  it('is empty without an authority', () => {
    expect(clusterMarkOf('')).toBe('');
  });
});
