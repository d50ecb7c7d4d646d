import { expect, it } from 'vitest';
import { DER, writeDer } from './der.ts';
import { importPrivateKey, importPublicKey, pkcs1ToPkcs8, publicNumbersOf } from './rsa-oaep.ts';

const integer = (...bytes: number[]) => writeDer(DER.integer, Uint8Array.from(bytes));

it.each([
  ['no numbers', []],
  ['a version alone', [integer(0)]],
  ['no exponent', [integer(0), integer(0x77)]],
])('a private key with %s is refused', (_what, numbers) => {
  expect(() => publicNumbersOf(pkcs1ToPkcs8(writeDer(DER.sequence, ...numbers)))).toThrow(
    expect.objectContaining({ code: 'ERR_KEY_INVALID', message: 'not a usable RSA private key' }),
  );
});

it('what the runtime says of a key that it cannot read is the cause of the error', async () => {
  for (const importing of [importPublicKey(new Uint8Array(3)), importPrivateKey(new Uint8Array(3))])
    await expect(importing).rejects.toMatchObject({ code: 'ERR_KEY_INVALID', cause: expect.any(Error) });
});
