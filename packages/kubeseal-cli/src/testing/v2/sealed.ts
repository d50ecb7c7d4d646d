import { parseSealedSecret, type ValueFacts, valueFactsOf } from '@fuin/crypto-core';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../run-cli.ts';
import { type TestKeyV2, V2_KEYS } from './keys.ts';

/** Two clusters and a key outside of them. */
export const [STAGE, PROD, RECOVERY] = V2_KEYS as [TestKeyV2, TestKeyV2, TestKeyV2];
export const SECRET = 'metadata: {name: db, namespace: shop}\nstringData: {password: hunter2, user: ann}\n';

/** The flags that name recipients. */
export function recipients(...keys: readonly TestKeyV2[]): string[] {
  return keys.flatMap(({ recipient }) => ['--recipient', recipient]);
}

/** A SealedSecret shop/db in YAML. */
export async function sealedDb(argv: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await runCli({ argv: [...argv, '-o', 'yaml'], stdin: SECRET, files });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** What each item of a SealedSecret tells without a key. */
export function factsIn(text = ''): Readonly<Record<string, ValueFacts>> {
  const { spec } = parseSealedSecret(parse(text));
  return Object.fromEntries(
    Object.entries(spec.encryptedData).map(([item, value]) => [item, valueFactsOf(value)]),
  );
}

/** The data of a SealedSecret, opened with one key; undefined where it does not open it. */
export async function openedBy(
  secret: string,
  sealed = '',
): Promise<Readonly<Record<string, string>> | undefined> {
  const argv = ['--recovery-unseal', '--recovery-private-key', 'k'];
  const { code, stdout } = await runCli({ argv, stdin: sealed, files: { k: secret } });
  if (code !== 0) return undefined;
  const { data } = JSON.parse(stdout) as { data: Record<string, string> };
  return Object.fromEntries(Object.entries(data).map(([item, value]) => [item, atob(value)]));
}
