import { exportPrivateKey, generateKeyPair, importKeyPair, type RsaKeyPair } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { readVector } from '../../vectors/read.ts';

/** The sealing keys of one cluster: the newest, and the one that it replaced. */
export interface ClusterKeys {
  readonly newest: RsaKeyPair;
  readonly older: RsaKeyPair;
  /** Certificate of the newest. */
  readonly certificate: string;
}

const YEAR_MS = 365 * 86_400_000;
const VECTORS = ['keys/rsa2048-a.pkcs1.pem', 'keys/rsa2048-b.pkcs8.pem', 'keys/rsa2048-c.pkcs8.pem'];
const made = new Map<string, Promise<RsaKeyPair>>();

/**
 * Keys of the cluster with this number: RSA-2048 from the test vectors as far as there are some. The others
 * are made once a process.
 */
export async function clusterKeys(index: number, keyBits: number): Promise<ClusterKeys> {
  const vector = keyBits === 2048 ? VECTORS[index] : undefined;
  const newest = await once(`newest ${index} ${keyBits}`, () =>
    vector === undefined
      ? generateKeyPair(keyBits, { copies: 2 })
      : importKeyPair(readVector(vector), { copies: 2 }),
  );
  const older = await once(`older ${index} ${keyBits}`, () => generateKeyPair(keyBits, { copies: 2 }));
  return { newest, older, certificate: await certificateOf(newest) };
}

/** Both private keys as one PEM file, like a backup. */
export function backupOf({ newest, older }: ClusterKeys): string {
  return [newest, older].map((pair) => exportPrivateKey(pair)).join('');
}

function once(name: string, make: () => Promise<RsaKeyPair>): Promise<RsaKeyPair> {
  const pair = made.get(name) ?? make();
  made.set(name, pair);
  return pair;
}

function certificateOf(pair: RsaKeyPair): Promise<string> {
  const notBefore = new Date(Date.now() - YEAR_MS / 12);
  return createCertificate(pair, {
    commonName: '',
    notBefore,
    notAfter: new Date(notBefore.getTime() + 10 * YEAR_MS),
  });
}
