import { readFile } from 'node:fs/promises';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../../../test/support/cluster/embedded-cluster.ts';
import { type CliResult, type CliRun, runCli } from './run-cli.ts';
import { type FakeController, startFakeController } from './servers/fake-controller.ts';

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
