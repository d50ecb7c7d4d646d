import { exportPrivateKey, generateKeyPair } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { usageError } from '../invocation/usage-error.ts';

/** A key pair to make: two items. */
interface PairToMake {
  readonly privateName: string;
  readonly publicName: string;
  make(): Promise<{ readonly privateHalf: string; readonly publicHalf: string }>;
}

const TLS_KEY_BITS = 3072;
const TLS_DAYS = 365;
const DAY_MS = 24 * 3_600_000;
const CLOCK_SKEW_MS = 300_000;
/** Longest commonName (RFC 5280, ub-common-name). */
const LONGEST_COMMON_NAME = 64;
const SEED_BYTES = 32;

/**
 * The kinds of key pairs. Each reads what stands behind the colon.
 *
 * @throws ERR_USAGE
 */
export const PAIRS: Readonly<Record<string, (item: string, option: string | undefined) => PairToMake>> = {
  ssh: (item, option) => {
    if (option !== undefined) throw usageError('a key pair of kind ssh has no size: it is always Ed25519');
    const publicName = item === 'ssh-privatekey' ? 'ssh-publickey' : `${item}.pub`;
    return { privateName: item, publicName, make: makeSshPair };
  },
  tls: (item, option = '') => {
    const names = option.split(',');
    if (!names.every(isServerName))
      throw usageError(
        'a key pair of kind tls needs the names of the server',
        'write ITEM=tls:NAME[,NAME]...; names are DNS names and IP addresses',
      );
    return { privateName: `${item}.key`, publicName: `${item}.crt`, make: () => makeTlsPair(names) };
  },
};

/** Ed25519, in the format of ssh-keygen. */
async function makeSshPair() {
  const { getKeys } = await import('micro-key-producer/ssh.js');
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  const { privateKey, publicKey } = getKeys(seed);
  seed.fill(0);
  return { privateHalf: privateKey, publicHalf: `${publicKey.trim()}\n` };
}

/** RSA with a certificate signed by itself: every client of TLS reads it. */
async function makeTlsPair(serverNames: readonly string[]) {
  const pair = await generateKeyPair(TLS_KEY_BITS);
  const [first = ''] = serverNames;
  const commonName = first.length > LONGEST_COMMON_NAME ? '' : first;
  const notBefore = new Date(Date.now() - CLOCK_SKEW_MS);
  const notAfter = new Date(notBefore.getTime() + TLS_DAYS * DAY_MS);
  const publicHalf = await createCertificate(pair, { commonName, notBefore, notAfter, serverNames });
  return { privateHalf: exportPrivateKey(pair, 'pkcs8'), publicHalf };
}

function isServerName(name: string): boolean {
  const { isIP } = process.getBuiltinModule('node:net'); // not an import: few runs need it
  if (isIP(name) !== 0) return !name.includes('%');
  return (
    name.length <= 253 &&
    /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}$/i.test(name) &&
    !/^[\d.]+$/.test(name)
  );
}
