import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verified } from '../../../audit/src/testing/logs.ts';
import { FileSink } from './file-sink.ts';
import { ChainWriter } from './writer.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-'));
});
afterEach(() => rm(directory, { recursive: true }));

const quiet = { onFailure: () => {}, onRecovery: () => {}, onLoss: () => {}, onWritten: () => {} };
const writerOf = (path: string, identity: string) =>
  new ChainWriter({
    ...quiet,
    sink: new FileSink(path),
    now: () => new Date(0),
    started: { identity, version: '1.0.0' },
  });

/** Both writers start, and write in the order of the steps; then both end. */
async function written(steps: string, pathOf: (who: string) => string): Promise<string> {
  const writers = new Map(['a', 'b'].map((who) => [who, writerOf(join(directory, pathOf(who)), who)]));
  for (const who of steps) {
    const writer = writers.get(who) ?? expect.fail();
    writer.add({ kind: 'leader.started', identity: who });
    await writer.flush();
  }
  for (const writer of writers.values()) await writer.close();
  return steps;
}
/** Every order in which both write at least once, and one writes on while the other is still there. */
const ORDERS = Array.from({ length: 2 ** 5 }, (_, bits) =>
  [...bits.toString(2).padStart(5, '0')].map((bit) => 'ab'[Number(bit)]).join(''),
).filter((steps) => /aba|bab/.test(steps));

describe('two writers', () => {
  it.each(ORDERS)('that share a file break its chain, and verify finds it: %s', async (steps) => {
    await written(steps, () => 'shared');
    const { findings } = await verified([await readFile(join(directory, 'shared'))]);
    expect(findings.map(({ problem }) => problem)).toContain('out-of-order');
  });
  it('that have a file each write two chains, each of which is whole', async () => {
    await written('ababba', (who) => who);
    for (const who of 'ab')
      expect(await verified([await readFile(join(directory, who))])).toMatchObject({
        ...{ findingCount: 0, starts: 1, chainCount: 1 },
      });
  });
});
