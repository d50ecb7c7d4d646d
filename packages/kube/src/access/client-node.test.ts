import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ALIKE, type KubeconfigCase } from '../testing/kubeconfig-cases.ts';
import { type ProbeServer, startProbeServer } from '../testing/probe-server.ts';
import { openKubeconfig } from './kubeconfig.ts';
import { openServer } from './open-server.ts';

/**
 * Titles of cases that both programs accept, and how client-node differs there; none of it is kubectl's way.
 */
const OTHERWISE: Readonly<Record<string, string>> = {
  'a token file beside the kubeconfig': 'client-node knows no tokenFile',
  'a token file beside a token': 'client-node knows no tokenFile',
  'an impersonation': 'client-node sends the user alone',
  'a name without a password': 'client-node sends the word undefined as password',
  'a server with slashes at its end': 'client-node keeps a slash',
  'a list whose first mention of a name wins': 'client-node refuses a name that two files mention',
  'an anchor and <<': 'client-node reads YAML 1.2, which knows no <<',
};

let server: ProbeServer;
beforeAll(async () => {
  server = await startProbeServer();
});
afterAll(() => server.stop());

async function place(files: KubeconfigCase['files']): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'client-node-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return cwd;
}

/** As whom client-node would ask, and with what TLS. */
async function clientNode(paths: readonly string[]) {
  const config = new KubeConfig();
  for (const [index, path] of paths.entries()) {
    if (index === 0) config.loadFromFile(path);
    else {
      const next = new KubeConfig();
      next.loadFromFile(path);
      config.mergeConfig(next, true);
    }
  }
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const basic = options.auth && { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` };
  return {
    server: config.getCurrentCluster()?.server,
    headers: { ...Object.fromEntries(headers), ...basic },
    ca: options.ca?.toString(),
    cert: options.cert?.toString(),
    key: options.key?.toString(),
  };
}

async function ours(cwd: string, list: string | undefined) {
  const env = list === undefined ? {} : { KUBECONFIG: list };
  const flags = list === undefined ? { kubeconfig: 'config' } : {};
  const host = { env, stdin: { isTty: false }, stderr: { isTty: false } };
  const access = await openServer(await openKubeconfig({ flags, env, cwd }).access(), host);
  const { ca, cert, key } = await access.tls();
  return { server: access.server, headers: await access.authorization(), ca, cert, key };
}

/**
 * What both make of a case. Undefined where our programs refuse it like kubectl, and for flags, which
 * client-node lacks.
 */
async function compare({ files, list, flags }: KubeconfigCase) {
  const cwd = await place(files);
  const found = list?.replaceAll('@', cwd);
  const own = flags ? undefined : await ours(cwd, found).catch(() => undefined);
  if (!own) return undefined;
  const existing = (found?.split(':') ?? [join(cwd, 'config')]).filter(
    (path) => files[path.slice(cwd.length + 1)] !== undefined,
  );
  return { own, theirs: await clientNode(existing).catch(() => 'refused') };
}

describe('a kubeconfig that our programs accept', () => {
  it('is understood like by client-node', async () => {
    const compared: string[] = [];
    for (const [title, make] of Object.entries(ALIKE)) {
      const both = title in OTHERWISE ? undefined : await compare(make(server));
      if (!both) continue;
      expect(both.own, title).toEqual(both.theirs);
      compared.push(title);
    }
    expect(compared.length).toBeGreaterThan(9);
  });
  it.each(Object.entries(OTHERWISE))('%s, is understood in another way: %s', async (title) => {
    const make = ALIKE[title];
    const both = make && (await compare(make(server)));
    expect(both?.own).toBeDefined();
    expect(both?.own).not.toEqual(both?.theirs);
  });
});
