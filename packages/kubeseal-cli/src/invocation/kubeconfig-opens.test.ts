import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CERT } from '../testing/keys.ts';
import { runCli } from '../testing/run-cli.ts';

const KUBECONFIG = `current-context: c
contexts: [{name: c, context: {cluster: k, user: u, namespace: blue}}]
clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
`;
const SECRETS = Array.from({ length: 1_000 }, (_, at) => ({
  kind: 'Secret',
  metadata: { name: `s${at}` },
  stringData: { a: 'b' },
}));

let directory: string;
let path: string;
let serving: Promise<void>;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeseal-pipe-'));
  path = join(directory, 'kubeconfig');
  execFileSync('mkfifo', [path]);
  serving = serveOnce(path);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Gives a text to the first that opens a named pipe. Anyone who opens it later finds no file. */
async function serveOnce(pipe: string): Promise<void> {
  const writer = await open(pipe, 'w'); // waits for a reader
  await unlink(pipe);
  await writer.writeFile(KUBECONFIG);
  await writer.close();
}

describe('the kubeconfig', () => {
  it.each([
    ['for the namespace of 1,000 Secrets that name none', false],
    ['for their namespace and for what is said of the cluster at a terminal', true],
  ])('is opened once in a run: %s', async (_what, isTty) => {
    const argv = ['--cert', 'cert.pem', '--kubeconfig', path];
    const stdin = SECRETS.map((secret) => JSON.stringify(secret)).join('\n');
    const { code, stdout, stderr } = await runCli({
      argv,
      stdin,
      files: { 'cert.pem': CERT },
      tty: { stderr: isTty },
    });
    await serving;
    expect({ code, stderr: isTty ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^ {4}"namespace": "blue"/gm)).toHaveLength(1_000);
    if (isTty) expect(stderr).toMatch(/^note: sealed with the certificate \S+ of cert\.pem$/m);
  });
});
