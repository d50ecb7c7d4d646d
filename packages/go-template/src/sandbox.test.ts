import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../test/support/time/patience.ts';
import { Sandbox } from './sandbox.ts';
import { type Act, reportOf, Script, scriptedOptions } from './testing/scripted-thread.ts';

const MAX_MEMORY_BYTES = 64 * 2 ** 20;
const CANARY = 'canary-7f3a';

const options = scriptedOptions(MAX_MEMORY_BYTES);
const sandbox = new Sandbox(options);
const script = new Script();
afterEach(() => sandbox.close());
afterAll(() => script.close());

const never = new AbortController().signal;
const limits = { timeoutMs: PATIENCE_MS, signal: never };
/** The name of the job is what it does. */
const run = (act: Act, given = limits, count = 1) => sandbox.run(script.job(act, act, { count }), given);
/** Runs a job after which the memory of the thread has this size. */
const runWith = async (memoryBytes: number) =>
  reportOf(await sandbox.run(script.job('job', 'answer', { memoryBytes }), limits));

describe('Sandbox', () => {
  it('gives its thread no environment: a template engine has no use for our tokens', async () => {
    process.env['FUIN_TEST_CANARY'] = CANARY;
    expect((await runWith(0)).env).toEqual({});
    delete process.env['FUIN_TEST_CANARY'];
  });

  it('keeps a thread for the next job, but not one that took most of its memory', async () => {
    expect([(await runWith(0)).jobs, (await runWith(0)).jobs]).toEqual([1, 2]);
    await runWith(MAX_MEMORY_BYTES * 0.75);
    expect((await runWith(0)).jobs).toBe(4);
    await runWith(MAX_MEMORY_BYTES * 0.75 + 1);
    expect((await runWith(0)).jobs).toBe(1);
  });

  it('moves the bytes of a job to the thread, so that they are not copied', async () => {
    const job = script.job('job', 'answer');
    await sandbox.run(job, limits);
    expect(job.bytes).toHaveLength(0);
  });

  it.each([
    ['exit', 'sandbox-crashed'],
    ['exhaust', 'memory-limit'],
  ] as const)('reports a thread that does "%s" as %s, and starts another', async (act, broken) => {
    await runWith(0);
    expect(await run(act)).toMatchObject({ broken, outcomes: [] });
    expect((await runWith(0)).jobs).toBe(1);
  });

  it('ends a job whose thread works for longer than its limit', async () => {
    expect(await run('work', { timeoutMs: 50, signal: never })).toMatchObject({ broken: 'time-limit' });
  });

  it('does not end a job whose thread waits for the CPU, as on a busy machine', async () => {
    const running = sandbox.run(script.job('starved', 'wait'), { timeoutMs: 500, signal: never });
    await script.whenStarted('starved');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    script.release('starved');
    expect(reportOf(await running).jobs).toBe(1);
  });

  it('ends a job at its time limit, names the template, and starts another thread', async () => {
    expect(await run('wait', { timeoutMs: 1, signal: never }, 3)).toMatchObject({
      broken: 'time-limit',
      outcomes: [],
      failedIndex: 2,
    });
    expect(await run('answer')).toMatchObject({ failedIndex: 0 });
    expect((await runWith(0)).jobs).toBe(2);
  });

  it('counts time only from when its thread begins to render', async () => {
    const end = new AbortController();
    const running = run('silent', { timeoutMs: 1, signal: end.signal });
    const ended = expect(running).rejects.toThrow('enough');
    await script.whenStarted('silent');
    await new Promise((resolve) => setTimeout(resolve, 20));
    end.abort(new Error('enough')); // the time limit would have resolved with `broken`
    await ended;
  });

  it('rejects with the reason of an abort, and starts another thread', async () => {
    const end = new AbortController();
    const job = script.job('aborted', 'wait');
    const ended = expect(sandbox.run(job, { ...limits, signal: end.signal })).rejects.toThrow('enough');
    await script.whenStarted('aborted');
    end.abort(new Error('enough'));
    await ended;
    expect((await runWith(0)).jobs).toBe(1);
  });

  it('rejects if the code of the thread throws: that is not the fault of a template', async () => {
    await expect(run('throw')).rejects.toMatchObject({
      message: 'the template sandbox could not start',
      cause: { message: 'scripted' },
    });
    expect((await runWith(0)).jobs).toBe(1);
  });

  it('rejects if the program cannot be loaded, and tries again for the next job', async () => {
    let attempts = 0;
    const loadModule = (): Promise<WebAssembly.Module> =>
      ++attempts === 1 ? Promise.reject(new Error('no such file')) : options.loadModule();
    const other = new Sandbox({ ...options, loadModule });
    await expect(other.run(script.job('job', 'answer'), limits)).rejects.toMatchObject({
      message: 'the template sandbox could not start',
      cause: { message: 'no such file' },
    });
    expect(reportOf(await other.run(script.job('job', 'answer'), limits)).jobs).toBe(1);
    await other.close();
  });

  it('starts another thread after close', async () => {
    await runWith(0);
    await sandbox.close();
    await sandbox.close();
    expect((await runWith(0)).jobs).toBe(1);
  });
});
