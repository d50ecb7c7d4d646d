import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealTexts } from '../support/cluster/sealing.ts';
import { cgroupHierarchies, parseCgroups } from '../support/node/cgroups.ts';
import { eventually } from '../support/time/eventually.ts';
import { template } from '../support/tools/helm.ts';
import { Installation } from './installation.ts';
import { containerOf, type Pod, processOf } from './pod.ts';

const COUNT = 10_000;
const BATCH = 500;
const AT_ONCE = 20;
const MIB = 2 ** 20;
const TIMEOUT_MS = 30 * 60_000;

let release: Installation;
let namespace: string;

beforeAll(async () => {
  release = await Installation.inNewNamespace();
  namespace = await release.namespace();
  await release.install();
});
afterAll(() => release?.close());

/** The most memory that a container had, in MiB, page cache included: what its limit is compared with. */
async function peakOf(pod: Pod): Promise<number> {
  const hierarchy = cgroupHierarchies().find(({ controllers }) => controllers === 'memory');
  const own = parseCgroups(await readFile('/proc/self/cgroup', 'utf8')).get('memory') ?? '';
  const below = processOf(pod).cgroups.get('memory')?.slice(own.length) ?? '';
  const text = await readFile(join(hierarchy?.own ?? '', below, 'memory.max_usage_in_bytes'), 'utf8');
  return Math.ceil(Number(text) / MIB);
}

/** Kubernetes counts what it does not send. */
async function countSecrets(): Promise<number> {
  const { items, metadata } = await release.client.list(`/api/v1/namespaces/${namespace}/secrets?limit=1`);
  return items.length + (metadata.remainingItemCount ?? 0);
}

async function createBatch(certificate: string, first: number): Promise<void> {
  const rest = Array.from({ length: BATCH }, (_, index) => `s-${first + index}`);
  const work = async () => {
    for (let name = rest.pop(); name !== undefined; name = rest.pop())
      await release.apply(await sealTexts(certificate, { namespace, name }, { password: `of ${name}` }));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const total = first + BATCH;
  await eventually(`${total} Secrets`, async () => (await countSecrets()) >= total || undefined);
}

async function expectNoneKilled(when: string): Promise<void> {
  const pods = await release.untilReady(2);
  for (const pod of pods) expect(containerOf(pod)).toMatchObject({ restartCount: 0, lastState: {} });
  const peaks = await Promise.all(pods.map(peakOf));
  console.log(`most memory of each replica, ${when}: ${peaks.join(' and ')} MiB`);
}

describe("the chart's memory limit", () => {
  it(
    `suffices for ${COUNT} SealedSecrets that come at once, and for a start with all of them`,
    async () => {
      const { container } = await template();
      expect(container['resources']).toMatchObject({ limits: { memory: '512Mi' } });
      const certificate = await release.fetchCert();
      for (let first = 0; first < COUNT; first += BATCH) await createBatch(certificate, first);
      await expectNoneKilled('after they came');
      await release.restart();
      await release.untilRolledOut();
      await expectNoneKilled('after a start');
    },
    TIMEOUT_MS,
  );
});
