import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeKey, type TestKey, testKey } from '../support/cluster/key-secret.ts';
import type { ToolResult } from '../support/tools/run-tool.ts';
import { KUBESEALS, type Kubeseal, type RunOptions } from './programs.ts';
import { type Side, type SideOptions, startOurs, startUpstream } from './side.ts';
import { Stage } from './stage.ts';

type Who = 'ours' | 'upstream';
type Both<T> = Readonly<Record<Who, T>>;

/**
 * Our controller and upstream's side by side on one cluster, each with an older key (the same for both) and a newer one that it
 * generated itself, and both kubeseals with a home of their own.
 */
export interface Arena {
  readonly stage: Stage;
  readonly sides: Both<Side>;
  /** Where each controller works. */
  readonly namespaces: Both<string>;
  /** What each controller serves, and files that hold it. */
  readonly certificates: Both<string>;
  readonly certFiles: Both<string>;
  readonly oldKey: TestKey;
  /** Directory of files of the test. */
  readonly directory: string;
  /** The kubeseals without a cluster. */
  readonly run: Both<Kubeseal>;
  /** Runs a kubeseal against a controller through the API server's service proxy. */
  online(kubeseal: Who, controller: Who, args: readonly string[], stdin?: string): Promise<ToolResult>;
  /** Writes a file of the test and returns its path. */
  file(name: string, text: string): Promise<string>;
  close(): Promise<void>;
}

/** RFC 1123 with a numeric zone, as --key-cutoff-time wants it. */
const rfc1123 = (date: Date) => date.toUTCString().replace('GMT', '+0000');

export async function openArena(): Promise<Arena> {
  const stage = await Stage.open();
  const directory = await mkdtemp(join(tmpdir(), 'fuin-interop-'));
  const oldKey = await testKey('a', 10);
  const namespaces = { ours: await stage.namespace('ours'), upstream: await stage.namespace('upstream') };
  const sides = {
    ours: await startSide(stage, { start: startOurs, watched: namespaces.ours, oldKey }),
    upstream: await startSide(stage, { start: startUpstream, watched: namespaces.upstream, oldKey }),
  };
  const file = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeFile(path, text);
    return path;
  };
  const certificates = {
    ours: await certificateOf(sides.ours),
    upstream: await certificateOf(sides.upstream),
  };
  const certFiles = {
    ours: await file('ours.crt', certificates.ours),
    upstream: await file('upstream.crt', certificates.upstream),
  };
  const inDirectory =
    (kubeseal: Kubeseal): Kubeseal =>
    (args, options: RunOptions = {}) =>
      kubeseal(args, { ...options, cwd: directory, env: { HOME: directory, ...options.env } });
  const run = { ours: inDirectory(KUBESEALS.ours), upstream: inDirectory(KUBESEALS.upstream) };
  return {
    ...{ stage, sides, namespaces, certificates, certFiles, oldKey, directory, run, file },
    online: (kubeseal, controller, args, stdin = '') =>
      run[kubeseal](['--controller-namespace', sides[controller].home, ...args], {
        stdin,
        env: { KUBECONFIG: stage.cluster.adminKubeconfig },
      }),
    close: async () => {
      await stage.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Both controllers generate a key when the newest is older than the cut-off. */
async function startSide(
  stage: Stage,
  {
    start,
    watched,
    oldKey,
  }: { start: (options: SideOptions) => Promise<Side>; watched: string; oldKey: TestKey },
): Promise<Side> {
  const home = await stage.namespace('home');
  await storeKey(stage.client, home, { key: oldKey, name: 'old-key' });
  const args = [
    '--key-size=2048',
    '--key-renew-period=0',
    `--key-cutoff-time=${rfc1123(new Date(Date.now() - 60_000))}`,
    '--rate-limit=1000',
    '--rate-limit-burst=1000',
  ];
  return stage.start(start, { home, watched: [watched], args });
}

async function certificateOf({ url }: Side): Promise<string> {
  return (await fetch(`${url}/v1/cert.pem`)).text();
}
