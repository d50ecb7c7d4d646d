import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import type { ApiObject } from '../support/api/types.ts';
import { World } from '../support/world.ts';
import { readVector } from '../vectors/read.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
const ARGS = ['--leader-elect=false', '--rate-limit=100'];

/**
 * A world for the tests of a file, with the key that the examples are sealed for. Its controller is stopped.
 */
export function useGuideWorld(): { readonly world: World } {
  const holder = {} as { world: World };
  beforeAll(async () => {
    const certificatePem = readVector('kubeseal/a.crt');
    const data = { 'tls.crt': btoa(certificatePem), 'tls.key': btoa(readVector('kubeseal/a.pkcs1.key')) };
    const key = { certificatePem, secret: { type: 'kubernetes.io/tls', data } };
    const cluster = await startOwnKubeApiserver();
    holder.world = await World.on(cluster, { home: 'kube-system', key, isExposed: true, args: ARGS });
  });
  afterAll(() => holder.world?.close());
  return holder;
}

/** The objects in a YAML file of the repository. */
export async function readObjects(...path: readonly string[]): Promise<ApiObject[]> {
  const documents = parseAllDocuments(await readFile(join(ROOT, ...path), 'utf8'));
  return documents.map((document) => document.toJS() as ApiObject);
}
