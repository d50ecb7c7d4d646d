import { readFileSync } from 'node:fs';

const vectors = new URL('../../../../test/vectors/', import.meta.url);

/** Text of a file below test/vectors. */
export function vector(path: string): string {
  return readFileSync(new URL(path, vectors), 'utf8');
}

/** The pair that upstream's vectors were sealed with. Public: it protects nothing. */
export const CERT = vector('kubeseal/a.crt');
export const KEY = vector('kubeseal/a.pkcs1.key');
