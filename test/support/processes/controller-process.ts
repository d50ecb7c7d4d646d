import { join } from 'node:path';
import type { ObjectKey, TestCluster } from '../api/types.ts';
import { type LoggedProcess, startLogged, untilSeen } from './logged-process.ts';

const BIN = join(import.meta.dirname, '../../../packages/controller/bin/sealed-secrets-controller.ts');
/** Where its log says that it listens. */
const LISTENING = /\baddress"?[=:]"?([^\s"]+).*\bmetricsAddress"?[=:]"?([^\s"]+)/;

/** How the real controller is started. */
export interface ControllerOptions {
  readonly cluster: TestCluster;
  /** The controller's own namespace. */
  readonly namespace: string;
  /** Whom it authenticates as; cluster-admin without. */
  readonly serviceAccount?: ObjectKey;
  /** Path of a kubeconfig made earlier; wins over `serviceAccount`. */
  readonly kubeconfig?: string;
  readonly args?: readonly string[];
  /** What to run instead of the source: a bundle, or an executable for the emulator. */
  readonly program?: string;
  /** The Node to run it on, or an emulator; the Node of the tests without. */
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** At cluster.podAddress; free ones by default. */
  readonly ports?: { readonly http: number; readonly metrics: number };
  /** False: resolve as soon as it listens. */
  readonly untilReady?: boolean;
}

/** A running controller. */
export interface Controller extends LoggedProcess {
  /** Base URLs without a trailing slash. */
  readonly url: string;
  readonly metricsUrl: string;
}

/** Starts the controller as a process of its own and waits until it is ready. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const { cluster, namespace, serviceAccount, args = [], ports = { http: 0, metrics: 0 } } = options;
  const issued =
    serviceAccount && !options.kubeconfig ? await cluster.kubeconfigFor(serviceAccount) : undefined;
  const kubeconfig = options.kubeconfig ?? issued ?? cluster.adminKubeconfig;
  const listen = [
    `--listen-addr=${cluster.podAddress}:${ports.http}`,
    `--listen-metrics-addr=${cluster.podAddress}:${ports.metrics}`,
  ];
  const script = options.program ?? BIN;
  const running = await startLogged({
    command: () => [options.node ?? process.execPath, script, '--kubeconfig', kubeconfig, ...listen, ...args],
    env: {
      PATH: process.env['PATH'],
      POD_NAMESPACE: namespace,
      POD_NAME: `${namespace}-controller`,
      ...options.env,
    },
  });
  const [, http = '', metrics = ''] = await untilSeen(running, 'the controller does not listen', async () =>
    LISTENING.exec(await running.logs()),
  );
  const controller = { ...running, url: `http://${http}`, metricsUrl: `http://${metrics}` };
  if (options.untilReady !== false) await untilReady(controller);
  return controller;
}

/** Waits until our controller is ready. @throws Error with its log when it ends before that */
export async function untilReady(controller: Controller): Promise<void> {
  const isReady = async () =>
    (await fetch(`${controller.url}/readyz`).catch(() => undefined))?.ok || undefined;
  await untilSeen(controller, 'the controller did not get ready', isReady);
}
