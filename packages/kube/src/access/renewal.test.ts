import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { CachedFile, type IssuedCredentials, keepUntilExpiry } from './renewal.ts';

const HOUR_MS = 3_600_000;

/** Credentials whose tokens are numbered, with the given times of expiry. */
function numbered(expiries: readonly (number | undefined)[]) {
  const clock = new FakeClock();
  let count = 0;
  const issue = async (): Promise<IssuedCredentials> => {
    const expiresMs = expiries[count];
    count += 1;
    return { token: String(count), ...(expiresMs === undefined ? {} : { expiresMs }) };
  };
  return { clock, source: keepUntilExpiry(issue, clock), issued: () => count };
}

describe('credentials of a plugin', () => {
  it('are kept without end where they do not expire', async () => {
    const { clock, source, issued } = numbered([undefined]);
    await source();
    await clock.advance(1_000 * HOUR_MS);
    expect(await source()).toEqual({ token: '1' });
    expect(issued()).toBe(1);
  });
  it('are kept until they expire, and renewed then', async () => {
    const { clock, source } = numbered([Date.now() - 1, Date.now() + HOUR_MS]);
    expect((await source()).token).toBe('1');
    await clock.advance(9_000);
    expect((await source()).token).toBe('1'); // just issued: our clock may be ahead
    await clock.advance(2_000);
    expect((await source()).token).toBe('2');
    await clock.advance(60_000);
    expect((await source()).token).toBe('2');
  });
  it('are renewed when a server refuses them, once for all requests that were refused', async () => {
    const { source, issued } = numbered([]);
    await source();
    const all = await Promise.all([source(true), source(true), source()]);
    expect(all.map(({ token }) => token)).toEqual(['2', '2', '2']);
    expect(issued()).toBe(2);
  });
  it('are asked for again after a failure', async () => {
    let failures = 1;
    const source = keepUntilExpiry(async () => {
      if (failures-- > 0) throw new Error('no network');
      return { token: 't' };
    });
    await expect(source()).rejects.toThrow('no network');
    expect(await source()).toEqual({ token: 't' });
  });
});

describe('CachedFile', () => {
  it('is read again after half a minute, and keeps the last text while the file is away', async () => {
    const clock = new FakeClock();
    const directory = await mkdtemp(join(tmpdir(), 'cached-file-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, 'token');
    await writeFile(path, 'first');
    const cached = new CachedFile(path, clock);
    expect(await cached.read()).toBe('first');
    await writeFile(path, 'second');
    await clock.advance(29_000);
    expect(await cached.read()).toBe('first');
    await clock.advance(1_000);
    expect(await cached.read()).toBe('second');
    await rm(path);
    expect(await cached.read(true)).toBe('second');
  });
});
