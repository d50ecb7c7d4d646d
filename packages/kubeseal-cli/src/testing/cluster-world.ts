import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { parse } from 'yaml';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../../../test/support/cluster/embedded-cluster.ts';
import { type CliResult, type CliRun, runCli } from './run-cli.ts';
import { type FakeController, startFakeController } from './servers/fake-controller.ts';
import { certificateOf, NOW, PAIRS } from './three-clusters.ts';

/** An embedded API server with a fake controller behind its service proxy. */
export interface ClusterWorld {
  readonly cluster: EmbeddedCluster;
  readonly controller: FakeController;
  /** Text of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Runs the program with that kubeconfig, unless `files.kubeconfig` is another one. */
  run(argv: readonly string[], more?: Partial<CliRun>): Promise<CliResult>;
  /** Forgets requests and overrides. */
  reset(): void;
  stop(): Promise<void>;
}

/** Starts one. */
export async function startClusterWorld(): Promise<ClusterWorld> {
  const cluster = await startEmbeddedCluster();
  const controller = await startFakeController();
  const kubeconfig = await readFile(cluster.adminKubeconfig, 'utf8');
  await cluster.exposeService({
    namespace: 'kube-system',
    name: 'sealed-secrets-controller',
    port: controller.port,
  });
  return {
    cluster,
    controller,
    kubeconfig,
    run: (argv, more = {}) =>
      runCli({
        ...more,
        argv: more.argv ?? ['--kubeconfig', 'kubeconfig', ...argv],
        files: { kubeconfig, ...more.files },
      }),
    reset: () => {
      controller.override = undefined;
      controller.v2 = [];
      controller.seen.length = 0;
    },
    stop: async () => {
      await controller.stop();
      await cluster.stop();
    },
  };
}

/** The certificates of three clusters, which their settings pin. */
export const [PROD, STAGE, DEV] = [
  await certificateOf('prod'),
  await certificateOf('stage'),
  await certificateOf('dev'),
];

/**
 * A cluster with the controllers of prod and stage, while the tests of a file run. Nobody reaches that of
 * dev.
 */
export function useCertWorld() {
  let world: ClusterWorld;
  let other: FakeController;
  let context = '';
  beforeAll(async () => {
    world = await startClusterWorld();
    other = await startFakeController();
    await world.cluster.exposeService({ namespace: 'kube-system', name: 'other', port: other.port });
    context = (parse(world.kubeconfig) as { 'current-context': string })['current-context'];
  });
  afterAll(async () => {
    await other.stop();
    await world.stop();
  });
  afterEach(() => world.reset());
  const settings = () => `# who seals for whom
clusters:
  prod:
    context: ${context}   # the main one
    certificate: 'prod.pem'
    fingerprint: "${PAIRS.prod.id}" # checked by Ann
  stage: {context: ${context}, controllerName: other, fingerprint: ${PAIRS.stage.id}}
  dev:
    certificate: dev.pem
rules: []
`;
  const files = () => ({
    '.kubeseal.yaml': settings(),
    'prod.pem': `subject=prod\n${PROD}`,
    'dev.pem': DEV,
  });
  return {
    get world(): ClusterWorld {
      return world;
    },
    get context(): string {
      return context;
    },
    settings,
    files,
    /** What the controllers of prod and stage serve. */
    serve(prod: string, stage: string): void {
      world.controller.override = () => ({ status: 200, body: prod });
      other.override = () => ({ status: 200, body: stage });
    },
    /** Runs `kubeseal cert` beside the settings. */
    run: (argv: readonly string[], more: Partial<CliRun> = {}) =>
      runCli({
        now: NOW,
        ...more,
        argv: ['cert', ...argv],
        files: { ...files(), kubeconfig: world.kubeconfig, ...more.files },
        env: { KUBECONFIG: 'kubeconfig', ...more.env },
      }),
  };
}
