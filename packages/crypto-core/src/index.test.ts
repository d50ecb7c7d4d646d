import { describe, expect, it } from 'vitest';
import * as core from './index.ts';

describe('crypto-core', () => {
  it('keeps to itself what could reuse a session key or write raw DER', () => {
    const internal = [
      'unwrapSessionKey',
      'encryptValue',
      'decryptValue',
      'readDer',
      'writeDer',
      'mapConcurrently',
    ];
    expect(internal.filter((name) => name in core)).toEqual([]);
  });
  it('offers the whole way from Secret to SealedSecret and back', () => {
    expect(Object.keys(core)).toEqual(
      expect.arrayContaining([
        'sealSecret',
        'unsealSecret',
        'openItems',
        'resealSecret',
        'KeyRing',
        'importKeyPair',
      ]),
    );
  });
});
