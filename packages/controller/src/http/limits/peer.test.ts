import { describe, expect, it } from 'vitest';
import { addOne, type PeerCounts, peerOf, removeOne } from './peer.ts';

describe('peerOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['2001:db8:0:1:1::', '2001:db8:0:1::/64'],
    ['::3:4:5:6:7:8', '0:0:3:4::/64'],
    ['1::3:4:5:6:7:8', '1:0:3:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::1%a:b:c:d:e:f:g', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    [undefined, ''],
  ])('counts %s as %s', (address, peer) => expect(peerOf(address)).toBe(peer));
});

describe('counts of peers', () => {
  it('forget a peer that has nothing left', () => {
    const counts: PeerCounts = new Map();
    addOne(counts, 'a');
    addOne(counts, 'a');
    removeOne(counts, 'a');
    expect(counts).toEqual(new Map([['a', 1]]));
    removeOne(counts, 'a');
    expect(counts).toEqual(new Map());
  });
});
