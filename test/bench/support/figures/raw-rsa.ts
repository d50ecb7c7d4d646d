import { encryptionLabel, exportPrivateKey, parsePem, type RsaKeyPair } from '@fuin/crypto-core';
import { parseV1 } from '../../../../packages/crypto-core/src/value/envelope-v1.ts';

/** How fast an operation went. */
export interface Rate {
  readonly perSecond: number;
  /** CPU time of each. */
  readonly cpuMs: number;
}

/** Cores to keep busy, and for how long. */
export interface RateOptions {
  readonly cores: number;
  readonly roundMs: number;
}

/** Keeps two operations per core under way for one round. */
export async function rate(
  { cores, roundMs }: RateOptions,
  operation: (turn: number) => Promise<unknown>,
): Promise<Rate> {
  const atOnce = 2 * cores;
  let done = 0;
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const work = async (worker: number) => {
    for (let turn = worker; performance.now() - start < roundMs; turn += atOnce) {
      await operation(turn);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, worker) => work(worker)));
  const { user, system } = process.cpuUsage(cpuStart);
  return { perSecond: (done / (performance.now() - start)) * 1000, cpuMs: (user + system) / 1000 / done };
}

/** The floor: RSA-OAEP decryption and nothing else, one imported key per core. */
export async function rawRsa(pair: RsaKeyPair, options: RateOptions): Promise<() => Promise<Rate>> {
  const { cores } = options;
  const label = encryptionLabel('strict', 'bench', 'raw');
  const { wrappedKey } = parseV1(await pair.seal(new Uint8Array(32), label));
  const oaep = { name: 'RSA-OAEP', hash: 'SHA-256' };
  const [block] = parsePem(exportPrivateKey(pair, 'pkcs8'));
  const importing = Array.from({ length: cores }, () =>
    crypto.subtle.importKey('pkcs8', block?.bytes ?? new Uint8Array(), oaep, false, ['decrypt']),
  );
  const keys = await Promise.all(importing);
  const decrypt = (turn: number) =>
    crypto.subtle.decrypt({ name: 'RSA-OAEP', label }, keys[turn % cores] as CryptoKey, wrappedKey);
  return () => rate(options, decrypt);
}
