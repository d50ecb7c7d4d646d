import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as availability from '../kube-apiserver/availability.ts';
import { buildNodePrograms, buildServers } from '../kube-apiserver/build.ts';
import type { ClusterAddress } from '../kube-apiserver/connected-cluster.ts';
import { startGuarded } from '../kube-apiserver/guarded-process.ts';
import { chosenKubernetes } from '../kube-apiserver/kubernetes.ts';
import { startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import { nodeProblem } from './node/availability.ts';
import { removeAbandonedCgroups } from './node/cgroups.ts';
import { installNodeTools } from './node/node-tools.ts';
import { networkNamespace, raiseLoopback } from './processes/network-namespace.ts';
import { installChartTools } from './tools/chart-tools.ts';
import { installCodeServer } from './tools/code-server.ts';
import { installGuideTools } from './tools/guide-tools.ts';
import { installImageTools } from './tools/image-tools.ts';
import { installOldestNode } from './tools/oldest-node.ts';
import { installPeer, peerProblem } from './tools/peer-install.ts';
import { installStoreTools } from './tools/store-tools.ts';
import { installTemplateEngineTools } from './tools/template-engine.ts';

/**
 * `pnpm e2e [vitest arguments]`: the tests that need a real kube-apiserver, upstream's programs or a browser.
 * With a network it builds; then it runs itself again --inside a network namespace (network-namespace.ts).
 * FUIN_REPORT names a file for vitest's JSON report, FUIN_E2E_TIMEOUT_MS bounds the whole run, and
 * FUIN_KUBERNETES chooses a version (kubernetes.ts).
 */
const INSIDE = '--inside';
/** The project that needs more of the machine than the others, so it runs only when it is asked for. */
const NODE_PROJECT = /(^| )--project[= ]node( |$)/;
const TIMEOUT_MS = Number(process.env['FUIN_E2E_TIMEOUT_MS'] ?? 60 * 60_000);
const ROOT = join(import.meta.dirname, '..', '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');

/** What the tests of each project install, beside an API server. */
const INSTALLERS: Readonly<Record<string, readonly (() => Promise<unknown>)[]>> = {
  cluster: [installPeer],
  upstream: [installPeer],
  interop: [
    installPeer,
    async () => installTemplateEngineTools(),
    installChartTools,
    installGuideTools,
    installOldestNode,
    installImageTools,
    installStoreTools,
  ],
  browser: [installCodeServer],
};

const args = process.argv.slice(2);
process.exitCode = args[0] === INSIDE ? await runInside(args.slice(1)) : await runOutside(args);

async function runOutside(vitestArgs: readonly string[]): Promise<number> {
  if (NODE_PROJECT.test(vitestArgs.join(' '))) return runNodes(vitestArgs);
  const { problems, projects } = findProjects();
  for (const problem of problems) announce(`SKIPPED, ${problem}`);
  if (problems.length > 0 && process.env['CI'] === 'true') {
    announce('FAILED: with CI=true nothing may be skipped');
    return 1;
  }
  const named = namedProjects(vitestArgs);
  await build(projects.filter((name) => named.length === 0 || named.includes(name)));
  return runIsolated([...(named.length === 0 ? projects : []).map(asArgument), ...vitestArgs]);
}

function namedProjects(vitestArgs: readonly string[]): string[] {
  const named = vitestArgs.join(' ').matchAll(/(?:^| )(?:-p|--project)[= ](\S+)/g);
  return [...named].map(([, name = '']) => name);
}

function asArgument(project: string): string {
  return `--project=${project}`;
}

/** A machine that cannot be a node is no failure of what is tested, so it is said and no more. */
async function runNodes(vitestArgs: readonly string[]): Promise<number> {
  const problem = availability.kubeApiserverProblem() ?? nodeProblem();
  if (problem !== undefined) {
    announce(`SKIPPED, project node: ${problem}`);
    return 0;
  }
  announce('building what a node is made of where not up to date (minutes the first time)');
  await Promise.all([buildServers().then(buildNodePrograms), installNodeTools(), installChartTools()]);
  try {
    return await runIsolated(vitestArgs);
  } finally {
    await removeAbandonedCgroups();
  }
}

async function runIsolated(vitestArgs: readonly string[]): Promise<number> {
  const inside = [process.execPath, import.meta.filename, INSIDE, ...vitestArgs];
  const directory = await mkdtemp(join(tmpdir(), 'fuin-e2e-'));
  try {
    return await runBounded([...networkNamespace(announce), ...inside], {
      ...process.env,
      TMPDIR: directory,
    });
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

function findProjects(): { problems: readonly string[]; projects: readonly string[] } {
  const noServer = availability.kubeApiserverProblem();
  if (noServer !== undefined)
    return { problems: [`projects cluster, interop and upstream: ${noServer}`], projects: ['browser'] };
  const noPeer = peerProblem();
  if (noPeer !== undefined)
    return { problems: [`projects interop and upstream: ${noPeer}`], projects: ['cluster', 'browser'] };
  return { problems: [], projects: ['cluster', 'interop', 'upstream', 'browser'] };
}

async function build(projects: readonly string[]): Promise<void> {
  const given = availability.ownClusterKubeconfig() ?? process.env['KUBEBUILDER_ASSETS'];
  if (given === undefined && availability.kubeApiserverProblem() === undefined) {
    const { version } = chosenKubernetes();
    announce(`building etcd and kube-apiserver ${version} where not up to date (minutes the first time)`);
    await buildServers();
  }
  const installers = new Set(projects.flatMap((name) => INSTALLERS[name] ?? []));
  await Promise.all([...installers].map((install) => install()));
}

/** Runs a command until it ends, TIMEOUT_MS passes or a signal ends this program; nothing of it survives. */
async function runBounded(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = startGuarded(command, { env, cwd: ROOT });
  const stop = () => void child.stop();
  const timer = setTimeout(() => {
    announce(`FAILED: not done after ${TIMEOUT_MS} ms`);
    stop();
  }, TIMEOUT_MS);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const code = await child.exited;
  clearTimeout(timer);
  return code;
}

async function runInside(vitestArgs: readonly string[]): Promise<number> {
  raiseLoopback();
  const isServerNeeded =
    !NODE_PROJECT.test(vitestArgs.join(' ')) && // it starts its own
    availability.kubeApiserverProblem() === undefined &&
    availability.ownClusterKubeconfig() === undefined;
  const server = isServerNeeded ? await startOwnKubeApiserver() : undefined;
  const report = process.env['FUIN_REPORT'];
  const reporters =
    report === undefined ? [] : ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const command = [process.execPath, VITEST, 'run', '--no-file-parallelism', ...reporters, ...vitestArgs];
  try {
    return await startGuarded(command, { env: { ...process.env, ...shared(server) }, cwd: ROOT }).exited;
  } finally {
    await server?.stop();
  }
}

function shared(server: ClusterAddress | undefined): NodeJS.ProcessEnv {
  if (server === undefined) return {};
  const { adminKubeconfig, podAddress } = server;
  return { [availability.SHARED_SERVER_VARIABLE]: JSON.stringify({ adminKubeconfig, podAddress }) };
}

function announce(text: string): void {
  process.stderr.write(`e2e: ${text}\n`);
}
