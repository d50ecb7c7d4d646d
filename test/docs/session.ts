import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installHelm } from '../support/tools/chart-tools.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const BLOCK_SECONDS = 60;
/** Goes on where the block before ended: its directory and exported variables; a failing command ends it. */
const PLAY = `set -euo pipefail
cd "$(cat "$1/directory")"; . "$1/variables"
trap 'code=$?; pwd >"$1/directory"; export -p >"$1/variables"; exit $code' EXIT
. "$2"`;

/** What a block of commands did. */
export interface Played {
  readonly code: number;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

/** What belongs to a session. */
interface SessionOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Stops the clusters. */
  stop(): Promise<unknown>;
}

/**
 * The shell of somebody who has the repository, a kubeconfig, kubectl, helm and kubeseal, at the root of a
 * checkout.
 */
export class Session {
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;
  #count = 0;

  readonly #stop: SessionOptions['stop'];

  private constructor(directory: string, env: NodeJS.ProcessEnv, stop: SessionOptions['stop']) {
    this.#directory = directory;
    this.#env = env;
    this.#stop = stop;
  }

  /** Prepares the home directory. @param kubeconfig text of it */
  static async open(kubeconfig: string, { env, stop }: SessionOptions): Promise<Session> {
    const directory = await mkdtemp(join(tmpdir(), 'fuin-docs-'));
    const home = join(directory, 'home');
    const [bin, state] = [join(directory, 'bin'), join(directory, 'state')];
    const checkout = join(home, 'fuin');
    await Promise.all(
      [bin, state, checkout, join(home, '.kube')].map((path) => mkdir(path, { recursive: true })),
    );
    await writeFile(join(home, '.kube', 'config'), kubeconfig, { mode: 0o600 });
    await Promise.all([writePrograms(bin), copyCheckout(checkout)]);
    await writeFile(join(state, 'directory'), checkout);
    await writeFile(join(state, 'variables'), '');
    const path = `${bin}:${process.env['PATH']}`;
    const all = {
      HOME: home,
      PATH: path,
      TMPDIR: tmpdir(),
      LANG: 'C.UTF-8',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      ...env,
    };
    return new Session(directory, all, stop);
  }

  /** Runs commands as if they were typed after those before. */
  async run(script: string): Promise<Played> {
    const file = join(this.#directory, `block-${++this.#count}`);
    const log = `${file}.log`;
    await writeFile(file, script);
    const sink = await open(log, 'w');
    const state = join(this.#directory, 'state');
    const args = ['--kill-after=5', String(BLOCK_SECONDS), 'bash', '-c', PLAY, 'bash', state, file];
    const child = spawn('timeout', args, { env: this.#env, stdio: ['ignore', sink.fd, sink.fd] });
    const code = await new Promise<number>((resolve, reject) =>
      child.once('error', reject).once('close', (status) => resolve(status ?? -1)),
    );
    await sink.close();
    return { code, output: await readFile(log, 'utf8') };
  }

  async close(): Promise<void> {
    await this.#stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Programs as if they were installed; `npx` stands in for a download of what is here already. */
async function writePrograms(bin: string): Promise<void> {
  const source = (path: string) => `exec '${process.execPath}' '${join(ROOT, 'packages', path)}' "$@"`;
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const cases = Object.entries(scripts).map(
    ([name, command]) => `${name}) shift; cd '${ROOT}'; exec ${command} "$@" ;;`,
  );
  const programs = {
    kubeseal: source('kubeseal-cli/bin/kubeseal.ts'),
    'sealed-secrets-controller': source('controller/bin/sealed-secrets-controller.ts'),
    npx: [
      '[ "$1 $2" = "-y pnpm@12" ] || { echo "not here: npx $*" >&2; exit 1; }',
      `shift 2; PATH='${join(ROOT, 'node_modules', '.bin')}':$PATH`,
      `case $1 in exec) shift; exec "$@" ;; ${cases.join(' ')} esac`,
    ].join('\n'),
  };
  for (const [name, body] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(bin, name), 0o755);
  }
  await symlink(process.execPath, join(bin, 'node'));
  await symlink(await installHelm(), join(bin, 'helm'));
}

/** What pages name of a checkout, as copies: commands may write beside them, and into them. */
async function copyCheckout(checkout: string): Promise<void> {
  for (const name of ['deploy', 'docs', 'examples'])
    await cp(join(ROOT, name), join(checkout, name), { recursive: true });
}
