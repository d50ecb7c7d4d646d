import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAMS, writeCaches, writeScripts } from '../scripts.ts';

const run = promisify(execFile);
const program = PROGRAMS.kubeseal;

/** Whether V8 takes a code cache in a process that starts like the executable does. */
async function isAccepted(directory: string, cache: string): Promise<boolean> {
  const script = `const [text, cache] = process.argv.slice(1).map((file) => require('node:fs').readFileSync(file));
    const { cachedDataRejected } = new (require('node:vm').Script)(text.toString(), { cachedData: cache });
    console.log(cachedDataRejected);`;
  const files = [cache.replace(/\.cache$/, ''), cache].map((name) => join(directory, name));
  const { stdout } = await run(process.execPath, [...program.v8Flags, '-e', script, ...files]);
  return stdout === 'false\n';
}

describe('the code caches of kubeseal', () => {
  let directory: string;
  let caches: string[];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-caches-'));
    await writeScripts(program, directory);
    caches = await writeCaches(program, directory);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const main = () => readFile(join(directory, 'main.cjs.cache'));

  it('are accepted by the Node that runs it, with its flags', async () => {
    expect(caches).toContain('main.cjs.cache');
    expect(caches.some((name) => name.startsWith('check-'))).toBe(true);
    const refused: string[] = [];
    for (const cache of caches) if (!(await isAccepted(directory, cache))) refused.push(cache);
    expect(refused).toEqual([]);
  });
  it('hold what a run compiles, and are the same bytes each time', async () => {
    const first = await main();
    await writeCaches(program, directory);
    expect((await main()).equals(first)).toBe(true);
    await writeCaches({ ...program, warmUp: [] }, directory);
    expect((await main()).length).toBeLessThan(first.length * 0.8);
  });
  it('are made by commands none of which reads what was just sealed: its bytes would decide what runs', () => {
    const written: string[] = [];
    for (const line of program.warmUp) {
      expect(line.split(' ').filter((word) => written.includes(word))).toEqual([]);
      const [, target] = /-w (\S+)|^set (\S+)/.exec(line)?.filter((word) => word !== undefined) ?? [];
      if (target) written.push(target);
    }
    expect(written).toEqual(['written.yaml', 'sealed.yaml', 'created.yaml']);
  });
  it('are not made where a command line fails', async () => {
    const failing = { ...program, warmUp: ['--cert nowhere.pem -f secret.yaml'] };
    await expect(writeCaches(failing, directory)).rejects.toThrow('ended with 1');
  });
});
