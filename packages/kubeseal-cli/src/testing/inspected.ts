import {
  importKeyPair,
  type KeyPair,
  type RsaKeyPair,
  type Scope,
  SEALING_NOTE,
  type SealedSecret,
  type Secret,
  sealingNote,
  sealSecret,
} from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { vector } from './keys.ts';
import { runCli } from './run-cli.ts';

const DAY_MS = 24 * 3_600_000;
/** When the inspections take place. */
export const NOW = new Date('2026-06-30T12:00:00Z');
/** Two keys of one cluster, in BACKUP, and one of another. */
export const OLD = await importKeyPair(vector('keys/rsa2048-a.pkcs8.pem'));
export const NEW = await importKeyPair(vector('keys/rsa2048-b.pkcs8.pem'));
export const FOREIGN = await importKeyPair(vector('keys/rsa2048-c.pkcs8.pem'));
export const OLD_FROM = new Date('2026-05-01T12:00:00Z');
export const NEW_FROM = new Date('2026-06-20T12:00:00Z');
/** A certificate of nine days. */
export const certificate = (key: RsaKeyPair, notBefore: Date) =>
  createCertificate(key, {
    commonName: 'c',
    notBefore,
    notAfter: new Date(notBefore.getTime() + 9 * DAY_MS),
  });
/** A certificate that has expired since: it still says which key is meant. */
export const NEW_CERT = await certificate(NEW, NEW_FROM);
const base64 = (text: string) => Buffer.from(text).toString('base64');
/** A key Secret, older than its certificate. */
export const keySecret = (name: string, crt: string) => `apiVersion: v1
kind: Secret
metadata: {name: ${name}, creationTimestamp: "2020-01-01T00:00:00Z"}
data: {tls.key: ${base64(vector(`keys/${name}.pem`))}${crt === '' ? '' : `, tls.crt: ${base64(crt)}`}}
`;
/** A backup of key Secrets. */
export const BACKUP = [
  keySecret('rsa2048-a.pkcs8', await certificate(OLD, OLD_FROM)),
  keySecret('rsa2048-b.pkcs8', NEW_CERT),
].join('---\n');
/** Names BACKUP. */
export const KEYS = ['--recovery-private-key', 'keys.yaml'];

/** A SealedSecret of namespace shop in JSON. */
export async function sealed(
  name: string,
  items: Readonly<Record<string, string>>,
  { key = NEW, scope = 'strict' }: { key?: KeyPair; scope?: Scope } = {},
): Promise<string> {
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'shop' },
    stringData: items,
  };
  return JSON.stringify(await sealSecret(secret, key, scope), undefined, 2);
}

interface Item {
  readonly name: string;
  readonly [field: string]: unknown;
}
/** The JSON document, as docs/kubeseal.md describes it. */
export interface Report {
  readonly schemaVersion: number;
  readonly sealedSecrets: readonly {
    readonly file: string;
    readonly items: readonly Item[];
    readonly notes: readonly { readonly kind: string; readonly message: string }[];
    readonly [field: string]: unknown;
  }[];
  readonly errors: readonly { readonly file: string; readonly message: string }[];
}

/** Runs `kubeseal inspect -o json` over files. */
export async function inspect(
  files: Readonly<Record<string, string | Uint8Array>>,
  args: readonly string[] = ['.'],
  prepare: (directory: string) => Promise<void> = async () => undefined,
): Promise<{ code: number; stderr: string; report: Report }> {
  const run = { argv: ['inspect', '-o', 'json', ...args], files, now: NOW, prepare };
  const { code, stdout, stderr } = await runCli(run);
  return { code, stderr, report: JSON.parse(stdout) };
}

export const itemsOf = ({ sealedSecrets }: Report) => sealedSecrets.flatMap(({ items }) => items);
export const notesOf = ({ sealedSecrets }: Report) =>
  sealedSecrets.flatMap(({ notes }) => notes.map(({ kind }) => kind));

/** A SealedSecret of namespace shop with a sealing note. */
export async function noted(
  name: string,
  items: Readonly<Record<string, string>>,
  key: KeyPair,
): Promise<string> {
  const object = JSON.parse(await sealed(name, items, { key })) as SealedSecret;
  const keys = new Map(Object.keys(items).map((item) => [item, key.id]));
  const annotations = { [SEALING_NOTE]: sealingNote(object.spec.encryptedData, keys) };
  return JSON.stringify({ ...object, metadata: { ...object.metadata, annotations } }, undefined, 2);
}
