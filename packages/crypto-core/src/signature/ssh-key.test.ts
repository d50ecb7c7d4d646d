import { describe, expect, it } from 'vitest';
import { concatBytes } from '../bytes.ts';
import { readSshKey } from './ssh-key.ts';
import { sshString } from './ssh-wire.ts';

/** A positive number of so many bytes. */
const numberOf = (bytes: number) => sshString(new Uint8Array(bytes).fill(0x7f));
const rsaKey = (modulusBytes: number, exponentBytes: number) =>
  concatBytes(sshString('ssh-rsa'), numberOf(exponentBytes), numberOf(modulusBytes));

describe('an RSA key of SSH', () => {
  it.each([
    [256, 3],
    [1024, 4],
  ])('is read with a modulus of %d and an exponent of %d bytes', async (modulus, exponent) => {
    await expect(readSshKey(rsaKey(modulus, exponent))).resolves.toBeDefined();
  });
  it.each([
    [255, 3],
    [1025, 3],
    [256, 5],
  ])('is refused with a modulus of %d and an exponent of %d bytes', async (modulus, exponent) => {
    await expect(readSshKey(rsaKey(modulus, exponent))).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
      message: 'RSA keys have 2048 to 8192 bits',
    });
  });
});
