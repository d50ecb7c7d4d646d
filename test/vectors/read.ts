import { readFileSync } from 'node:fs';

/** Text of a file below test/vectors. */
export function readVector(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
