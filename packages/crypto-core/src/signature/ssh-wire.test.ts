import { describe, expect, it } from 'vitest';
import { SshReader, sshString } from './ssh-wire.ts';

const numberIn = (...bytes: number[]) =>
  Array.from(new SshReader(sshString(Uint8Array.of(...bytes))).number());

describe('a number in the format of SSH', () => {
  it.each([
    ['without a sign', [0x7f], [0x7f]],
    ['of one more byte, where the first bit would be the sign', [0x00, 0x80], [0x80]],
    ['of several bytes', [0x01, 0x00], [0x01, 0x00]],
  ])('is read %s', (_, bytes, number) => {
    expect(numberIn(...bytes)).toEqual(number);
  });
  it.each([
    ['is negative', [0x80]],
    ['is negative, of several bytes', [0xff, 0x00]],
    ['begins with a zero that it does not need', [0x00, 0x7f]],
    ['has no bytes', []],
  ])('is refused if it %s', (_, bytes) => {
    expect(() => numberIn(...bytes)).toThrowError(expect.objectContaining({ code: 'ERR_KEY_INVALID' }));
  });
});
