import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../test/support/time/patience.ts';
import { SandboxPool } from './pool.ts';
import { type Act, type Report, reportOf, Script, scriptedOptions } from './testing/scripted-thread.ts';

interface Call {
  readonly act?: Act;
  readonly isSlow?: boolean;
  readonly signal?: AbortSignal;
}

const pools: SandboxPool[] = [];
const scripts: Script[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));
afterAll(() => scripts.map((script) => script.close()));

/** A pool, and how to run a task there. */
function poolOf(size: number) {
  const pool = new SandboxPool(size, scriptedOptions(2 ** 26));
  const script = new Script();
  pools.push(pool);
  scripts.push(script);
  const run = async (
    name: string,
    { act = 'answer', isSlow = false, signal }: Call = {},
  ): Promise<Report> => {
    const task = { ...script.job(name, act), isSlow, signal, timeoutMs: PATIENCE_MS };
    const answer = await pool.run(task);
    if (answer.broken !== undefined) throw new Error(answer.broken);
    return reportOf(answer);
  };
  return { pool, script, run };
}

describe('SandboxPool', () => {
  it('runs tasks in the order in which they came', async () => {
    const { script, run } = poolOf(1);
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => run(name)));
    await script.whenStarted('d');
    expect(script.started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('starts a second thread only when two tasks overlap', async () => {
    const { run, script } = poolOf(2);
    const [first, second] = [await run('a'), await run('b')];
    expect(second).toMatchObject({ thread: first.thread, jobs: 2 });
    const held = run('c', { act: 'wait' });
    const beside = await run('d');
    await script.whenStarted('c');
    script.release('c');
    expect(beside.thread).not.toBe(first.thread);
    expect(await held).toMatchObject({ thread: first.thread, jobs: 3 });
  });

  it('runs slow tasks after all others that wait, each kind in its order', async () => {
    const { script, run } = poolOf(1);
    const held = run('held', { act: 'wait' });
    const waiting = [
      run('slow 1', { isSlow: true }),
      run('prompt 1'),
      run('slow 2', { isSlow: true }),
      run('prompt 2'),
    ];
    await script.whenStarted('held');
    script.release('held');
    await Promise.all([held, ...waiting]);
    await script.whenStarted('slow 2');
    expect(script.started).toEqual(['held', 'prompt 1', 'prompt 2', 'slow 1', 'slow 2']);
  });

  it('never gives slow tasks the last of several threads', async () => {
    const { script, run } = poolOf(3);
    const slow = ['slow 1', 'slow 2', 'slow 3'].map((name) => run(name, { act: 'wait', isSlow: true }));
    await run('prompt');
    await script.whenStarted('slow 1', 'slow 2', 'prompt');
    expect(script.started.toSorted()).toEqual(['prompt', 'slow 1', 'slow 2']);
    script.release('slow 2');
    await script.whenStarted('slow 3');
    script.release('slow 1');
    script.release('slow 3');
    await Promise.all(slow);
  });

  it('gives a slow task the only thread', async () => {
    const { run } = poolOf(1);
    expect(await run('slow', { isSlow: true })).toMatchObject({ jobs: 1 });
  });

  it('rejects a waiting task that is aborted, and never runs it', async () => {
    const { script, run } = poolOf(1);
    const end = new AbortController();
    const held = run('held', { act: 'wait' });
    const aborted = expect(run('aborted', { signal: end.signal })).rejects.toThrow('enough');
    const last = run('last');
    end.abort(new Error('enough'));
    await aborted;
    await script.whenStarted('held');
    script.release('held');
    await Promise.all([held, last]);
    await script.whenStarted('last');
    expect(script.started).toEqual(['held', 'last']);
  });

  it('rejects a task whose signal is aborted already, and starts no thread for it', async () => {
    const { script, run } = poolOf(1);
    const signal = AbortSignal.abort(new Error('late'));
    await expect(run('late', { signal })).rejects.toThrow('late');
    expect(await run('next')).toMatchObject({ jobs: 1 });
    await script.whenStarted('next');
    expect(script.started).toEqual(['next']);
  });

  it.each(['exit', 'throw', 'exhaust'] as const)(
    'frees the place of a task whose thread does "%s"',
    async (act) => {
      const { run } = poolOf(1);
      const broken = expect(run('broken', { act })).rejects.toThrow(/crashed|start|memory/);
      expect(await run('next')).toMatchObject({ jobs: 1 });
      await broken;
    },
  );

  it('frees the place of a running task that is aborted', async () => {
    const { script, run } = poolOf(1);
    const end = new AbortController();
    const aborted = expect(run('held', { act: 'wait', signal: end.signal })).rejects.toThrow('enough');
    const next = run('next');
    await script.whenStarted('held');
    end.abort(new Error('enough'));
    await aborted;
    expect(await next).toMatchObject({ jobs: 1 });
  });

  it('rejects running, waiting and later tasks after close', async () => {
    const { pool, script, run } = poolOf(1);
    const closed = [run('running', { act: 'wait' }), run('waiting'), run('slow', { isSlow: true })].map(
      (task) => expect(task).rejects.toThrow('the template renderer is closed'),
    );
    await script.whenStarted('running');
    await pool.close();
    await Promise.all(closed);
    await expect(run('later')).rejects.toThrow('the template renderer is closed');
    expect(script.started).toEqual(['running']);
  });
});
