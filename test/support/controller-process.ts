import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGuarded } from '../kube-apiserver/guarded-process.ts';
import type { ObjectKey, TestCluster } from './cluster.ts';

const BIN = join(import.meta.dirname, '../../packages/controller/bin/sealed-secrets-controller.ts');
const READY_TIMEOUT_MS = 60_000;
/** Writes down the pid that the program is about to have, so that it can be sent signals. */
const NOTE_PID = 'echo $$ >"$0"; exec "$@"';

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
  /** The script to run instead of the source: a bundle. */
  readonly program?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** At cluster.podAddress; free ones by default. */
  readonly ports?: { readonly http: number; readonly metrics: number };
  /** False: resolve as soon as it listens. */
  readonly untilReady?: boolean;
}

/** A running controller. */
export interface ControllerProcess {
  /** Base URLs without a trailing slash. */
  readonly httpUrl: string;
  readonly metricsUrl: string;
  /** Everything it wrote so far, both streams. */
  logs(): Promise<string>;
  signal(signal: NodeJS.Signals): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Starts the controller as a process of its own and waits until it is ready. */
export async function startController(options: ControllerOptions): Promise<ControllerProcess> {
  const { cluster, namespace, serviceAccount, args = [], ports = { http: 0, metrics: 0 } } = options;
  const scratch = await mkdtemp(join(tmpdir(), 'fuin-controller-'));
  const [logFile, pidFile] = [join(scratch, 'log'), join(scratch, 'pid')];
  const issued =
    serviceAccount && !options.kubeconfig ? await cluster.kubeconfigFor(serviceAccount) : undefined;
  const kubeconfig = options.kubeconfig ?? issued ?? cluster.adminKubeconfig;
  const listen = [
    `--listen-addr=${cluster.podAddress}:${ports.http}`,
    `--listen-metrics-addr=${cluster.podAddress}:${ports.metrics}`,
  ];
  const script = options.program ?? BIN;
  const program = [process.execPath, script, '--kubeconfig', kubeconfig, ...listen, ...args];
  const env = {
    PATH: process.env['PATH'],
    POD_NAMESPACE: namespace,
    POD_NAME: `${namespace}-controller`,
    ...options.env,
  };
  const child = startGuarded(['sh', '-c', NOTE_PID, pidFile, ...program], { logFile, env });
  const logs = () => readFile(logFile, 'utf8');
  const end = async (): Promise<number> => {
    const code = await child.exited;
    await rm(scratch, { recursive: true, force: true });
    return code;
  };
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    process.kill(Number(await readFile(pidFile, 'utf8')), name);
  };
  try {
    const urls = await untilListening(logs, child.isRunning);
    if (options.untilReady !== false) await untilReady(urls.httpUrl, child.isRunning);
    return {
      ...urls,
      logs: memorable(logs),
      signal,
      stop: async () => {
        if (child.isRunning()) await signal('SIGTERM');
        return end();
      },
      kill: async () => {
        await child.stop();
        await end();
      },
    };
  } catch (error) {
    const text = await logs();
    await child.stop();
    await end();
    throw new Error(`${(error as Error).message}; its log:\n${text}`);
  }
}

/** The log's last state outlives its file. */
function memorable(read: () => Promise<string>): () => Promise<string> {
  let last = '';
  return async () => {
    last = await read().catch(() => last);
    return last;
  };
}

async function untilListening(logs: () => Promise<string>, isRunning: () => boolean) {
  const find = async () =>
    /\baddress"?[=:]"?([^\s"]+).*\bmetricsAddress"?[=:]"?([^\s"]+)/.exec(await logs().catch(() => ''));
  const [, http = '', metrics = ''] = await poll('the controller does not listen', find, isRunning);
  return { httpUrl: `http://${http}`, metricsUrl: `http://${metrics}` };
}

async function untilReady(httpUrl: string, isRunning: () => boolean): Promise<void> {
  const ask = async () => (await fetch(`${httpUrl}/readyz`).catch(() => undefined))?.ok || undefined;
  await poll('the controller did not get ready', ask, isRunning);
}

async function poll<T>(
  complaint: string,
  look: () => Promise<T | null | undefined>,
  isRunning: () => boolean,
): Promise<T> {
  for (
    const deadline = Date.now() + READY_TIMEOUT_MS;
    isRunning() && Date.now() < deadline;
    await sleep(25)
  ) {
    const seen = await look();
    if (seen !== undefined && seen !== null) return seen;
  }
  throw new Error(complaint);
}
