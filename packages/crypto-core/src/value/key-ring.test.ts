import { beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { importKeyPair } from '../keys/key-pair.ts';
import { encodeV1, parseV1 } from './envelope-v1.ts';
import type { KeyPair } from './key.ts';
import { KeyRing } from './key-ring.ts';

let a: KeyPair;
let b: KeyPair;
let c: KeyPair;
let big: KeyPair;
beforeAll(async () => {
  a = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
  b = await importKeyPair(readVector('keys/rsa2048-b.pkcs8.pem'));
  c = await importKeyPair(readVector('keys/rsa2048-c.pkcs8.pem'));
  big = await importKeyPair(readVector('kubeseal/a.pkcs1.key'));
});

const envelopeFor = (modulusBytes: number) =>
  parseV1(encodeV1({ wrappedKey: new Uint8Array(modulusBytes), ciphertext: new Uint8Array(16) }));
const envelope = envelopeFor(256);

describe('KeyRing', () => {
  it('holds a key once that is given twice', async () => {
    const again = await importKeyPair(readVector('keys/rsa2048-a.pkcs8.pem'));
    expect(KeyRing.of(a, b, again).keys.map(({ id }) => id)).toEqual([a.id, b.id]);
  });
  it('cannot be changed', () => expect(Object.isFrozen(KeyRing.of(a).keys)).toBe(true));
});

describe('KeyRing.candidates', () => {
  it('tries newest first', () => expect(KeyRing.of(a, b, c).candidates(envelope)).toEqual([a, b, c]));
  it('tries the key that succeeded last before the newest', () => {
    const ring = KeyRing.of(a, b, c);
    ring.noteOpened(c);
    expect(ring.candidates(envelope)).toEqual([c, a, b]);
  });
  it('tries hinted keys before all others, in the order of the hints, and leaves none out', () => {
    const ring = KeyRing.of(a, b, c);
    ring.noteOpened(a);
    expect(ring.candidates(envelope, [c.id, b.id, c.id])).toEqual([c, b, a]);
  });
  it('ignores hints that name no key of the ring', () => {
    expect(KeyRing.of(a, b).candidates(envelope, ['SHA256:x', '', c.id])).toEqual([a, b]);
  });
  it('does not add a key that only noteOpened names', () => {
    const ring = KeyRing.of(a);
    ring.noteOpened(b);
    expect(ring.candidates(envelope)).toEqual([a]);
  });
  it('leaves out keys of another size, also hinted ones', () => {
    const ring = KeyRing.of(big, a);
    ring.noteOpened(big);
    expect(ring.candidates(envelope, [big.id])).toEqual([a]);
    expect(ring.candidates(envelopeFor(512))).toEqual([big]);
    expect(ring.candidates(envelopeFor(255))).toEqual([]);
  });
});
