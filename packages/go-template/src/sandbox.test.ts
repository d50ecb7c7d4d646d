import { afterEach, describe, expect, it } from 'vitest';
import { Sandbox } from './sandbox.ts';

const MAX_MEMORY_BYTES = 64 * 2 ** 20;
const EMPTY_MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const CANARY = 'canary-7f3a';

/** A thread that renders nothing: it tells its environment and how many jobs it had, and claims as much memory as the job has templates. */
const THREAD = `
import { parentPort } from 'node:worker_threads';
let jobs = 0;
parentPort.on('message', ({ count }) => {
  jobs += 1;
  const told = new TextEncoder().encode(JSON.stringify({ env: process.env, jobs }));
  parentPort.postMessage({ outcomes: [told], memoryBytes: count });
});`;

const sandbox = new Sandbox({
  workerUrl: new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`),
  loadModule: () => WebAssembly.compile(EMPTY_MODULE),
  maxMemoryBytes: MAX_MEMORY_BYTES,
});
afterEach(() => sandbox.close());

/** What the thread tells of a job that makes it take so much memory. */
async function run(memoryBytes: number): Promise<{ readonly env: unknown; readonly jobs: number }> {
  const job = { bytes: new Uint8Array(1), count: memoryBytes };
  const { outcomes } = await sandbox.run(job, { timeoutMs: 60_000, signal: new AbortController().signal });
  return JSON.parse(new TextDecoder().decode(outcomes[0]));
}

describe('Sandbox', () => {
  it('gives its thread no environment: a template engine has no use for the tokens in ours', async () => {
    process.env['FUIN_TEST_CANARY'] = CANARY;
    expect((await run(0)).env).toEqual({});
    delete process.env['FUIN_TEST_CANARY'];
  });

  it('keeps a thread for the next job, but not one that took most of the memory it may have', async () => {
    expect([(await run(0)).jobs, (await run(0)).jobs]).toEqual([1, 2]);
    await run(MAX_MEMORY_BYTES * 0.9);
    expect((await run(0)).jobs).toBe(1);
  });
});
