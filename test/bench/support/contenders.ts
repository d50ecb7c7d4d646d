import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { uniqueName } from '../../support/cluster/use-cluster.ts';
import type { World } from '../../support/world.ts';
import { type BenchKey, storeKeys } from './keys.ts';
import { buildUpstreamLifted } from './upstream-lifted.ts';

/** A controller under measurement. */
export interface Running {
  readonly pid: number;
  readonly url: string;
  readonly metricsUrl: string;
  /** When it was started, on the clock of `performance`. */
  readonly startedMs: number;
  /** RSA decryptions so far; undefined where nobody counts. */
  rsaCount(): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** A controller that can be measured; its namespace holds its keys and its objects. */
export interface Contender {
  readonly world: World;
  /** @param untilReady false: resolves as soon as it listens */
  start(untilReady?: boolean): Promise<Running>;
}

/** What a controller gets beside what all of ours get. */
export interface Extra {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Sets up a controller beside others on the server of a benchmark. */
export type Enter = (beside: World, keys: readonly BenchKey[], extra?: Extra) => Promise<Contender>;

const ROOT = join(import.meta.dirname, '..', '..', '..');
const BUNDLE = join(ROOT, 'packages/controller/dist/sealed-secrets-controller.js');
/** Only its own namespace, and the keys that are there: neither sees what belongs to the other. */
const ARGS = ['--all-namespaces=false', '--key-renew-period=0'];

/**
 * Our controller: the bundle that ships, under the rights of deploy/rbac.yaml and with the runtime's settings
 * of deploy/controller.yaml. FUIN_BENCH_NODE_OPTIONS goes to its Node, for profiles.
 */
export const ours: Enter = async (beside, keys, { args = [], env: more = {} } = {}) => {
  const countFile = join(tmpdir(), uniqueName('rsa-count'));
  const counter = join(import.meta.dirname, 'rsa-counter.js');
  const deployed = await deployedRuntimeEnv();
  const options = [deployed['NODE_OPTIONS'], `--import=${counter}`, process.env['FUIN_BENCH_NODE_OPTIONS']];
  const env = { ...deployed, ...more, NODE_OPTIONS: options.join(' '), FUIN_RSA_COUNT: countFile };
  const world = await beside.beside({ args: [...ARGS, ...args], program: BUNDLE, env });
  return contender(world, keys, countFile);
};

/** Upstream's as it is installed. */
export const upstream: Enter = async (beside, keys) =>
  contender(await beside.beside({ by: 'upstream', args: ARGS }), keys);

/** Upstream's with its client limit lifted. */
export const upstreamLifted: Enter = async (beside, keys) => {
  const program = await buildUpstreamLifted();
  return contender(await beside.beside({ by: 'upstream', args: ARGS, program }), keys);
};

/** @param countFile where ours keeps the number of its RSA decryptions */
async function contender(world: World, keys: readonly BenchKey[], countFile?: string): Promise<Contender> {
  await storeKeys(world.client, world.home, keys);
  await world.prepare(); // before the clock runs
  return {
    world,
    start: async (untilReady = true) => {
      if (countFile !== undefined) await rm(countFile, { force: true });
      const startedMs = performance.now();
      const { pid, url, metricsUrl } = await world.listen();
      if (untilReady) await world.start();
      return {
        ...{ pid: await pid(), url, metricsUrl, startedMs },
        rsaCount: async () =>
          countFile === undefined ? undefined : Number(await readFile(countFile, 'utf8').catch(() => '0')),
        stop: () => (world.isUpstream ? world.kill() : world.stop()),
      };
    },
  };
}

/** What deploy/controller.yaml sets for the runtime rather than for the controller. */
async function deployedRuntimeEnv(): Promise<Record<string, string>> {
  const manifests = parseAllDocuments(await readFile(join(ROOT, 'deploy', 'controller.yaml'), 'utf8'));
  const deployment = manifests.find((manifest) => manifest.get('kind') === 'Deployment');
  const container = deployment?.toJS().spec.template.spec.containers[0] as {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
  };
  const isOfRuntime = ({ name }: { readonly name: string }) =>
    ['NODE_OPTIONS', 'MALLOC_ARENA_MAX'].includes(name);
  return Object.fromEntries(container.env.filter(isOfRuntime).map(({ name, value = '' }) => [name, value]));
}
