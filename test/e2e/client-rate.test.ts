import { describe, expect } from 'vitest';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { eventually } from '../support/time/eventually.ts';
import { isEmbedded, useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const RATE = { perSecond: 10, burst: 2 };
const OBJECTS = 10;
const holder = useWorld();

/** Requests of controllers so far, as the embedded server counts them; 0 on the real one. */
function requestsSoFar(): number {
  const { apiServer } = holder.world.cluster as Partial<EmbeddedCluster>;
  return apiServer?.log.entries.filter(({ user }) => user.includes(holder.world.home)).length ?? 0;
}

describe('--kubeclient-qps and --kubeclient-burst', () => {
  it('limit how often the API server is asked', async () => {
    const { world } = holder;
    await world.restart(`--kubeclient-qps=${RATE.perSecond}`, `--kubeclient-burst=${RATE.burst}`);
    const namespace = await world.namespace();
    const names = Array.from({ length: OBJECTS }, (_, index) => `s${index}`);
    const sealed = await Promise.all(names.map((name) => world.seal({ namespace, name }, { a: '1' })));
    const before = requestsSoFar();
    const startedMs = performance.now();
    await Promise.all(sealed.map((each) => world.apply(each)));
    for (const name of names) await world.untilSynced(namespace, name, 'True');
    const requests = requestsSoFar() - before;
    const seconds = (performance.now() - startedMs) / 1000;
    const written = 2 * OBJECTS; // each Secret and each status at the least
    expect(seconds).toBeGreaterThan((written - RATE.burst - 1) / RATE.perSecond);
    if (isEmbedded) expect(requests).toBeGreaterThanOrEqual(written);
    expect(requests).toBeLessThanOrEqual(seconds * RATE.perSecond + RATE.burst + 1);
  });
});

interface Retry {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly namespace?: string;
  readonly failures: number;
  readonly delayMs: number;
}

if (isEmbedded)
  describe('--max-unseal-retries', () => {
    it('says how many retries come fast; those after them come slowly and never end', async () => {
      const { world } = holder;
      await world.restart('--max-unseal-retries=2', '--log-format=json');
      const { apiServer } = world.cluster as EmbeddedCluster;
      const namespace = await world.namespace();
      const fault = { action: 'answer', code: 500 } as const;
      const undo = apiServer.faults.onRequest({ namespace, verb: 'create', resource: 'secrets' }, fault);
      await world.apply(await world.seal({ namespace, name: 'db' }, { a: '1' }));
      const retries = await eventually('four retries', async () => {
        const lines = (await world.controller.logs()).trim().split('\n');
        const found = lines
          .map((line) => JSON.parse(line) as Retry)
          .filter((line) => line.level !== 'INFO' && line.namespace === namespace);
        return found.length >= 4 ? found : undefined;
      });
      const [first, second, third, fourth] = retries;
      expect(new Set(retries.map(({ msg }) => msg))).toEqual(new Set(['error updating, will retry']));
      expect(retries.slice(0, 4).map(({ failures }) => failures)).toEqual([1, 2, 3, 4]);
      expect(retries.slice(0, 4).map(({ level }) => level)).toEqual(['WARN', 'WARN', 'ERROR', 'ERROR']);
      expect(first?.delayMs).toBeLessThanOrEqual(5);
      expect(second?.delayMs).toBeLessThanOrEqual(10);
      expect(third?.delayMs).toBeGreaterThanOrEqual(800);
      expect(fourth?.delayMs).toBeGreaterThanOrEqual(1_600);
      expect(Date.parse(fourth?.time ?? '') - Date.parse(third?.time ?? '')).toBeGreaterThanOrEqual(799);
      undo();
      await world.untilSynced(namespace, 'db', 'True');
    });
  });
