import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../support/cluster/cluster.ts';
import { eventually } from '../support/time/eventually.ts';
import type { ToolResult } from '../support/tools/run-tool.ts';
import { type Who, World, type WorldOptions } from '../support/world.ts';
import { KUBESEALS, type Kubeseal, type RunOptions } from './programs.ts';

type ByWho<T> = Readonly<Record<Who, T>>;

/**
 * Our controller and upstream's side by side on one cluster, each with an older key (the same for both) and a
 * newer one that it generated itself, and both kubeseals with a home of their own.
 */
export interface Both {
  readonly worlds: ByWho<World>;
  /** Where each controller works. */
  readonly namespaces: ByWho<string>;
  /** What each controller serves, and files that hold it. */
  readonly certificates: ByWho<string>;
  readonly certFiles: ByWho<string>;
  /** PEM of the certificate of the older key. */
  readonly oldCertificate: string;
  /** The kubeseals without a cluster. */
  readonly run: ByWho<Kubeseal>;
  /** Runs a kubeseal against a controller through the API server's service proxy. */
  online(kubeseal: Who, controller: Who, args: readonly string[], stdin?: string): Promise<ToolResult>;
  /** Writes a file of the test and returns its path. */
  file(name: string, text: string): Promise<string>;
  end(): Promise<void>;
}

/** RFC 1123 with a numeric zone, as --key-cutoff-time wants it. */
const rfc1123 = (date: Date) => date.toUTCString().replace('GMT', '+0000');

/** Sets up a world with our controller and, beside it, one with upstream's; neither runs yet. */
export async function prepareBoth(args: readonly string[]): Promise<ByWho<World>> {
  const options: WorldOptions = { args, isExposed: true };
  const ours = await World.on(await startCluster(), options);
  return { ours, upstream: await ours.beside({ ...options, by: 'upstream' }) };
}

/** Starts a controller for its own namespace and a new one, which is returned. */
export async function startWatching(world: World): Promise<string> {
  const namespace = await world.namespace();
  await world.start(`--additional-namespaces=${namespace}`);
  return namespace;
}

/** A controller is ready with the older key, and serves its own once it has generated it. */
async function generatedCertificate(world: World): Promise<string> {
  const older = await world.certificate();
  return eventually('a certificate of its own', async () => {
    const served = await world.served();
    return served === older ? undefined : served;
  });
}

export async function startBoth(): Promise<Both> {
  const directory = await mkdtemp(join(tmpdir(), 'fuin-interop-'));
  // both controllers generate a key when the newest is older than the cut-off
  const cutoff = `--key-cutoff-time=${rfc1123(new Date(Date.now() - 60_000))}`;
  const worlds = await prepareBoth([
    '--key-renew-period=0',
    cutoff,
    '--rate-limit=1000',
    '--rate-limit-burst=1000',
  ]);
  const namespaces = {
    ours: await startWatching(worlds.ours),
    upstream: await startWatching(worlds.upstream),
  };
  const certificates = {
    ours: await generatedCertificate(worlds.ours),
    upstream: await generatedCertificate(worlds.upstream),
  };
  const file = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  };
  const inDirectory =
    (kubeseal: Kubeseal): Kubeseal =>
    (args, options: RunOptions = {}) =>
      kubeseal(args, { ...options, cwd: directory, env: { HOME: directory, ...options.env } });
  const run = { ours: inDirectory(KUBESEALS.ours), upstream: inDirectory(KUBESEALS.upstream) };
  return {
    ...{ worlds, namespaces, certificates, run, file },
    certFiles: {
      ours: await file('ours.crt', certificates.ours),
      upstream: await file('upstream.crt', certificates.upstream),
    },
    oldCertificate: await worlds.ours.certificate(),
    online: (kubeseal, controller, args, stdin = '') =>
      run[kubeseal](['--controller-namespace', worlds[controller].home, ...args], {
        stdin,
        env: { KUBECONFIG: worlds.ours.cluster.adminKubeconfig },
      }),
    end: async () => {
      await worlds.ours.end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
