import { describe, expect, it } from 'vitest';
import { expectationOf, FILE, readingOf, vectorKey } from './vectors.ts';

describe('the vectors of format v2', () => {
  it('are at least 150, of all three results', () => {
    expect(FILE.vectors.length).toBeGreaterThanOrEqual(150);
    expect(new Set(FILE.vectors.map(({ result }) => result))).toEqual(new Set(['opens', 'closed', 'malformed']));
  });
  it.each(FILE.keys)('have the key id $keyId', async ({ seed, keyId }) => {
    expect((await vectorKey(seed)).id).toBe(`v2:${keyId}`);
  });
  it.each(FILE.vectors.map((vector) => [vector.id, vector.what, vector] as const))(
    '%i are read alike: %s',
    async (_id, _what, vector) => expect(await readingOf(vector)).toEqual(expectationOf(vector)),
  );
});
