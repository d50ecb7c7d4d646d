import { importKeyPair } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { vector } from './keys.ts';
import { runCli } from './run-cli.ts';

/** When runs with these certificates take place. */
export const NOW = new Date('2026-06-30T12:00:00Z');
const NAMES = ['prod', 'stage', 'dev'] as const;
const VECTORS = { prod: 'rsa2048-a', stage: 'rsa2048-b', dev: 'rsa2048-c' } as const;
const pair = (name: keyof typeof VECTORS) => importKeyPair(vector(`keys/${VECTORS[name]}.pkcs8.pem`));

/** The key of each of three clusters. */
export const PAIRS = { prod: await pair('prod'), stage: await pair('stage'), dev: await pair('dev') };

/** A certificate of a cluster's key. */
export function certificateOf(
  name: keyof typeof VECTORS,
  notAfter = new Date('2027-01-01T00:00:00Z'),
): Promise<string> {
  const notBefore = new Date('2026-01-01T00:00:00Z');
  return createCertificate(PAIRS[name], { commonName: name, notBefore, notAfter });
}

const entry = (name: keyof typeof VECTORS) =>
  `  ${name}: {certificate: clusters/${name}/cert.pem, fingerprint: "${PAIRS[name].id}"}\n`;
const rule = (name: string) => `  - {paths: ["clusters/${name}/**"], cluster: ${name}, namespace: shop}\n`;

/** Settings that map a directory to each cluster. */
export const SETTINGS = `clusters:\n${NAMES.map(entry).join('')}rules:\n${NAMES.map(rule).join('')}`;

/** A repository with these settings and the certificates. */
export const REPOSITORY: Readonly<Record<string, string>> = {
  '.kubeseal.yaml': SETTINGS,
  '.git/HEAD': '',
  'clusters/prod/cert.pem': await certificateOf('prod'),
  'clusters/stage/cert.pem': await certificateOf('stage'),
  'clusters/dev/cert.pem': await certificateOf('dev'),
};

/** The data of a SealedSecret, opened with the key of one cluster; undefined where it does not open it. */
export async function openedWith(
  name: keyof typeof VECTORS,
  sealed: string,
): Promise<Record<string, string> | undefined> {
  const key = vector(`keys/${VECTORS[name]}.pkcs8.pem`);
  const { code, stdout } = await runCli({
    argv: ['--recovery-unseal', '--recovery-private-key', 'k'],
    files: { k: key },
    stdin: sealed,
  });
  if (code !== 0) return undefined;
  const { data } = JSON.parse(stdout) as { data: Record<string, string> };
  return Object.fromEntries(
    Object.entries(data).map(([item, value]) => [item, Buffer.from(value, 'base64').toString()]),
  );
}
