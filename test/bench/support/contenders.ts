import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { grantUpstreamRights } from '../../support/cluster/rights.ts';
import { startController } from '../../support/processes/controller-process.ts';
import { startUpstreamController } from '../../support/processes/peer-controller.ts';
import { findProcess } from './figures/process-figures.ts';
import { buildUpstreamLifted } from './upstream-lifted.ts';
import type { Contender } from './world.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const BUNDLE = join(ROOT, 'packages/controller/dist/sealed-secrets-controller.js');
const ACCOUNT = 'sealed-secrets-controller';
/** Only its own namespace, and the keys that are there: neither sees what belongs to the other. */
const ARGS = ['--all-namespaces=false', '--key-renew-period=0'];
let nextPort = 18_000;

/** Ours: the bundle that ships, under the rights of deploy/rbac.yaml and with the runtime's settings of deploy/controller.yaml. FUIN_BENCH_NODE_OPTIONS goes to its Node, for profiles. */
export const ours: Contender = {
  name: 'ours',
  grant: (world, home) => world.grantDeployedRights({ namespace: home, name: ACCOUNT }),
  start: async ({ cluster }, home, { untilReady = true, args = [] } = {}) => {
    const ports = { http: nextPort++, metrics: nextPort++ };
    const countFile = join(tmpdir(), `rsa-count-${ports.http}`);
    const counter = join(import.meta.dirname, 'rsa-counter.js');
    const deployed = await deployedRuntimeEnv();
    const options = [deployed['NODE_OPTIONS'], `--import=${counter}`, process.env['FUIN_BENCH_NODE_OPTIONS']];
    const startedMs = performance.now();
    const controller = await startController({
      cluster,
      namespace: home,
      serviceAccount: { namespace: home, name: ACCOUNT },
      program: BUNDLE,
      ports,
      untilReady,
      args: [...ARGS, ...args],
      env: { ...deployed, NODE_OPTIONS: options.join(' '), FUIN_RSA_COUNT: countFile },
    });
    return {
      pid: await findProcess(`--listen-addr=${cluster.podAddress}:${ports.http}`),
      httpUrl: controller.httpUrl,
      metricsUrl: controller.metricsUrl,
      startedMs,
      rsaCount: async () => Number(await readFile(countFile, 'utf8').catch(() => '0')),
      stop: async () => void (await controller.stop()),
    };
  },
};

/** Upstream's as it is installed. */
export const upstream: Contender = peer('upstream');
/** Upstream's with its client limit lifted. */
export const upstreamLifted: Contender = peer('upstream, limit lifted', buildUpstreamLifted);

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

function peer(name: string, build?: () => Promise<string>): Contender {
  return {
    name,
    grant: ({ client }, home) => grantUpstreamRights(client, { namespace: home, name: ACCOUNT }),
    start: async ({ cluster }, home, { args = [] } = {}) => {
      const program = await build?.();
      const startedMs = performance.now();
      const controller = await startUpstreamController({
        cluster,
        serviceAccount: { namespace: home, name: ACCOUNT },
        args: [...ARGS, ...args],
        ...(program === undefined ? {} : { program }),
      });
      const { httpUrl, metricsUrl, kill } = controller;
      return {
        pid: await findProcess(`--listen-addr=${new URL(httpUrl).host}`),
        httpUrl,
        metricsUrl,
        startedMs,
        rsaCount: () => Promise.resolve(undefined),
        stop: kill,
      };
    },
  };
}
