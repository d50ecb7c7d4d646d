import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../support/api/api-client.ts';
import type { Running } from './contenders.ts';
import { cpuMsOf } from './figures/process-figures.ts';
import { isSynced, sealedSecretsIn } from './objects.ts';

/** Longest silence before a run counts as stuck. */
const PATIENCE_MS = 120_000;
const QUIET_MS = 300;
const PROCESSED = 'sealed_secrets_controller_unseal_requests_total';

/**
 * Watches a namespace from now on; `done` resolves to the moment when so many objects were reported as in
 * sync.
 */
export async function watchSynced(
  client: ApiClient,
  namespace: string,
  count: number,
): Promise<{ readonly done: Promise<number> }> {
  const path = sealedSecretsIn(namespace);
  const { metadata } = await client.list(`${path}?limit=1`);
  let position = metadata.resourceVersion;
  let watch = await client.watch(`${path}?resourceVersion=${position}`);
  const follow = async (): Promise<number> => {
    const synced = new Set<string>();
    while (synced.size < count) {
      const event = await watch.next(PATIENCE_MS);
      if (!event) {
        // the server drops watchers that are slow
        watch = await client.watch(`${path}?resourceVersion=${position}`);
        continue;
      }
      const { name = '', resourceVersion } = event.object.metadata;
      if (event.type === 'ERROR' || !resourceVersion)
        throw new Error(`WRONG: the watch failed after ${synced.size}`);
      position = resourceVersion;
      if (event.type === 'MODIFIED' && isSynced(event.object)) synced.add(name);
    }
    watch.close();
    return performance.now();
  };
  return { done: follow() };
}

/**
 * The moment when a controller that was just started came to rest: it has been through so many objects and
 * uses no CPU time any more. Asks for its metrics only once it seems at rest, so as not to be the load.
 */
export async function untilAtRest(running: Running, count: number): Promise<number> {
  let [cpuMs, quietSince] = [await cpuMsOf(running.pid), performance.now()];
  for (const deadline = performance.now() + 10 * PATIENCE_MS; performance.now() < deadline; await sleep(15)) {
    const now = await cpuMsOf(running.pid);
    if (now > cpuMs) [cpuMs, quietSince] = [now, performance.now()];
    if (performance.now() - quietSince < QUIET_MS) continue;
    if ((await metricOf(running, PROCESSED)) >= count) return quietSince;
    [cpuMs, quietSince] = [await cpuMsOf(running.pid), performance.now()];
  }
  throw new Error('WRONG: the controller does not come to rest');
}

/** Sum of a metric over all its labels; 0 when there is none. */
async function metricOf({ metricsUrl }: Running, name: string): Promise<number> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text();
  return sumOf(text, name);
}

/** Sum of a metric in Prometheus' text format over the lines that match. */
export function sumOf(text: string, name: string, matches: RegExp = /^/): number {
  const lines = text
    .split('\n')
    .filter((line) => /^[{ ]/.test(line.slice(name.length)) && line.startsWith(name));
  return lines
    .filter((line) => matches.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
