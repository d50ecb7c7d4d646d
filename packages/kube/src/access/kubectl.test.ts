import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ALIKE, DIFFERENT, type KubeconfigCase } from '../testing/kubeconfig-cases.ts';
import { PLUGINS_ALIKE } from '../testing/plugin-cases.ts';
import { type Caller, type ProbeServer, startProbeServer } from '../testing/probe-server.ts';
import { createAgent, routeTo } from '../transport/agent.ts';
import { openKubeconfig } from './kubeconfig.ts';
import { openServer } from './open-server.ts';

/** Exec plugins of version v1 and `as-uid` are there since 1.22, the error words compared here since 1.24. */
const OLDEST_MINOR = 24;

function whyNotCompared(): string | undefined {
  const { error, stdout } = spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
  if (error !== undefined) return 'kubectl is not installed';
  const minor = Number.parseInt(/"minor": *"(\d+)/.exec(stdout)?.[1] ?? '', 10);
  return minor >= OLDEST_MINOR ? undefined : `kubectl 1.${minor} is older than 1.${OLDEST_MINOR}`;
}

const reason = whyNotCompared();
const isMissing = reason !== undefined;
if (isMissing) console.warn(`SKIPPED comparison of kubeconfigs with kubectl: ${reason}`);

let server: ProbeServer;
beforeAll(async () => {
  server = await startProbeServer();
});
afterAll(() => server.stop());

/** Who called, or how the program says no. */
type Outcome = { readonly caller: Caller } | { readonly refusal: string };

async function place({
  files,
  list,
}: KubeconfigCase): Promise<{ readonly cwd: string; readonly env: Record<string, string> }> {
  const cwd = await mkdtemp(join(tmpdir(), 'kubectl-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
    if (text.startsWith('#!')) await chmod(join(cwd, name), 0o755);
  }
  const env = { PATH: String(process.env['PATH']), HOME: cwd };
  return { cwd, env: list === undefined ? env : { ...env, KUBECONFIG: list.replaceAll('@', cwd) } };
}

function flagsOf({ list, flags = {} }: KubeconfigCase): Readonly<Record<string, unknown>> {
  return list === undefined ? { kubeconfig: 'config', ...flags } : flags;
}

async function askKubectl(given: KubeconfigCase, at: Awaited<ReturnType<typeof place>>): Promise<Outcome> {
  const argv = Object.entries(flagsOf(given)).flatMap(([name, value]) =>
    [value].flat().map((each) => `--${name}=${each}`),
  );
  const stderr = await new Promise<string>((resolve) => {
    const child = execFile('kubectl', ['get', '--raw', '/probe', ...argv], at, (_error, _stdout, text) =>
      resolve(text),
    );
    child.stdin?.end();
  });
  const caller = server.takeCaller();
  return caller ? { caller } : { refusal: stderr.replaceAll(at.cwd, '@').trim() };
}

async function askOurs(given: KubeconfigCase, at: Awaited<ReturnType<typeof place>>): Promise<Outcome> {
  try {
    const context = await openKubeconfig({ flags: flagsOf(given), ...at }).access();
    const host = { env: at.env, stdin: { isTty: false }, stderr: { isTty: false } };
    const access = await openServer(context, host);
    const headers = await access.authorization();
    const agent = await createAgent(routeTo(access, at.env), { connectTimeoutMs: 10_000, env: at.env });
    onTestFinished(() => agent.destroy());
    await agent.request({ origin: access.server, path: '/probe', method: 'GET', headers: { ...headers } });
    return { caller: server.takeCaller() as Caller };
  } catch (error) {
    return { refusal: (error as Error).message.replaceAll(at.cwd, '@') };
  }
}

async function compare(given: KubeconfigCase): Promise<{ readonly theirs: Outcome; readonly ours: Outcome }> {
  const at = await place(given);
  return { theirs: await askKubectl(given, at), ours: await askOurs(given, at) };
}

describe.skipIf(isMissing)('a kubeconfig is understood like by kubectl', () => {
  it.each(Object.entries({ ...ALIKE, ...PLUGINS_ALIKE }))('%s', async (_title, make) => {
    const { theirs, ours } = await compare(make(server));
    if ('caller' in theirs) expect(ours).toEqual(theirs);
    else expect(ours).toEqual({ refusal: expect.any(String) });
  });
});

describe.skipIf(isMissing)('a kubeconfig is understood in another way than by kubectl', () => {
  it.each(DIFFERENT)('$title: $reason', async ({ make, kubectl, own }) => {
    const { theirs, ours } = await compare(make(server));
    expect(textOf(theirs)).toMatch(kubectl);
    expect(textOf(ours)).toMatch(own);
  });
});

function textOf(outcome: Outcome): string {
  return 'caller' in outcome ? JSON.stringify(outcome.caller) : outcome.refusal;
}
