import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { connectCluster } from '../kube-apiserver/connected-cluster.ts';
import { startCluster } from './cluster/cluster.ts';
import { withPatience } from './time/eventually.ts';
import { World } from './world.ts';

/**
 * How long `eventually` looks in a test that must fail: it waits for what never comes, and must end in time.
 */
const SHORT_PATIENCE_MS = 2_000;
const LIMIT_MS = 10_000;

/**
 * Only the embedded server collects garbage and fails on demand: on the real one those tests do not exist.
 */
export const isEmbedded = process.env['FUIN_CLUSTER'] === 'embedded';

/** The suite runs with upstream's controller; `it.ts` and `upstream-differences.ts` say what that changes. */
export const isUpstream = process.env['FUIN_CONTROLLER'] === 'upstream';

/** The world of the file under test. */
const holder = {} as { world: World };
let args: readonly string[] = [];

/**
 * One world for the tests of a file, on the server that FUIN_CLUSTER names; its controller makes its own key.
 */
export function useWorld(...flags: readonly string[]): { readonly world: World } {
  args = flags;
  beforeAll(openWorld);
  if (isUpstream) afterEach(() => holder.world.tidy());
  afterAll(closeWorld);
  return holder;
}

async function openWorld(): Promise<void> {
  const server = isUpstream ? inject('upstreamServer') : undefined;
  const cluster = await (server ? connectCluster(server) : startCluster());
  holder.world = await World.running(cluster, { by: isUpstream ? 'upstream' : 'ours', key: false, args });
}

async function closeWorld(): Promise<void> {
  await holder.world?.kill();
  if (isUpstream) await holder.world?.tidy();
  await holder.world?.close();
}

/**
 * Runs a test that must fail: waits stay short, and later tests get another world, since it may stop
 * anywhere.
 * @throws what the test throws; `no answer` after 10 seconds
 */
export async function runToFailure(test: () => unknown): Promise<void> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error('no answer')), LIMIT_MS);
  try {
    await withPatience(SHORT_PATIENCE_MS, () => Promise.race([test(), limit.promise]));
  } finally {
    clearTimeout(timer);
    await closeWorld();
    await openWorld();
  }
}
