// Ours alone: starts our program by hand, to take its log away, and no cluster.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM } from './program.ts';

let scratch: string;
let child: ChildProcess;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-logs-'));
  const clusters = [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }]; // nobody answers there
  const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u' } }];
  const users = [{ name: 'u', user: {} }];
  const config = { kind: 'Config', clusters, contexts, users, 'current-context': 'x' };
  await writeFile(join(scratch, 'config'), JSON.stringify(config));
});
afterEach(() => child.kill('SIGKILL'));
afterAll(() => rm(scratch, { recursive: true }));

function start(stdout: 'pipe' | number, ...args: readonly string[]): void {
  const listen = ['--listen-addr=127.0.0.1:0', '--listen-metrics-addr=127.0.0.1:0'];
  child = spawn(
    process.execPath,
    [PROGRAM, `--kubeconfig=${join(scratch, 'config')}`, '--log-level=DEBUG', ...listen, ...args],
    { stdio: ['ignore', stdout, 'pipe'], env: { PATH: process.env['PATH'] } },
  );
}

/** Reads a stream until what it wrote matches. */
async function untilWritten(stream: Readable | null, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  for await (const piece of stream?.iterator({ destroyOnReturn: false }) ?? []) {
    text += String(piece);
    const match = pattern.exec(text);
    if (match) return match;
  }
  throw new Error(`it wrote no ${pattern}, but: ${text}`);
}

async function exitCode(): Promise<unknown> {
  child.kill('SIGTERM');
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  return code;
}

describe('a log that cannot be written', () => {
  it.each([
    ['stdout', 'true'],
    ['stderr', 'false'],
  ] as const)('since its reader on %s has gone does not end the controller', async (name, isInfoOnStdout) => {
    start('pipe', `--log-info-stdout=${isInfoOnStdout}`);
    const [, address] = await untilWritten(child[name], /HTTP server serving" address=(\S+)/);
    child[name]?.destroy();
    const statuses: number[] = [];
    for (let request = 0; request < 5; request += 1) {
      const { status } = await fetch(`http://${address}/v1/verify`, { method: 'POST', body: 'x' }); // writes a line
      statuses.push(status);
    }
    expect(statuses).not.toContain(200);
    expect(await exitCode()).toBe(0);
  });
  it('since the disk is full does not end the controller', async () => {
    const full = await open('/dev/full', 'w');
    start(full.fd);
    await untilWritten(child.stderr, /level=WARN .*\n/); // long after the first lines for stdout
    expect(await exitCode()).toBe(0);
    await full.close();
  });
});
