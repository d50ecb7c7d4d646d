import { afterEach, describe, expect, it } from 'vitest';
import type { ApiClient, KubeObject } from '../client/types.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { refusal, ScriptedApi } from '../testing/scripted-api.ts';
import { createLeaderElection, type LeaderElection } from './leader-election.ts';

/** A server with one Lease and optimistic concurrency. */
class LeaseApi extends ScriptedApi {
  lease: KubeObject | undefined;
  isDown = false;
  isHanging = false;
  writes = 0;

  override get: ApiClient['get'] = async () => this.#answer(() => this.lease);
  override create: ApiClient['create'] = async (_, object) =>
    this.#answer(() => {
      if (this.lease) throw refusal(409);
      return this.#store(object);
    });
  override replace: ApiClient['replace'] = async (_, object) =>
    this.#answer(() => {
      if (object.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) throw refusal(409);
      return this.#store(object);
    });

  get spec(): Record<string, unknown> {
    return { ...Object(this.lease?.['spec']) };
  }

  #store(object: KubeObject): KubeObject {
    this.writes += 1;
    this.lease = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.writes) } };
    return this.lease;
  }

  #answer<Value>(act: () => Value): Value | Promise<never> {
    if (this.isDown) throw refusal(503);
    return this.isHanging ? new Promise<never>(() => undefined) : act();
  }
}

const controllers: AbortController[] = [];

interface Candidate {
  readonly election: LeaderElection;
  readonly clock: FakeClock;
  readonly told: string[];
  stop(): Promise<void>;
}

/** A candidate on a machine of its own: own monotonic clock, wall clock off by `skew`. */
async function join(client: LeaseApi, identity: string, skew = { ms: 0 }): Promise<Candidate> {
  const clock = new FakeClock();
  const told: string[] = [];
  const controller = new AbortController();
  controllers.push(controller);
  const election = createLeaderElection({
    ...{ client, identity, clock, jitter: () => 0 },
    lease: { namespace: 'n', name: 'sealed-secrets-controller' },
    now: () => new Date(Date.UTC(2030, 0, 1) + clock.now() + skew.ms),
    onStartedLeading: () => told.push('started'),
    onStoppedLeading: () => told.push('stopped'),
  });
  const running = election.run(controller.signal);
  await settle();
  const stop = async (): Promise<void> => {
    controller.abort();
    await running;
  };
  return { election, clock, told, stop };
}

async function pass(delayMs: number, ...candidates: Candidate[]): Promise<void> {
  for (let passedMs = 0; passedMs < delayMs; passedMs += 1_000) {
    for (const { clock } of candidates) await clock.advance(1_000);
  }
}

function leaders(...candidates: Candidate[]): boolean[] {
  return candidates.map(({ election }) => election.isLeader);
}

afterEach(() => {
  for (const controller of controllers.splice(0)) controller.abort();
});

describe('LeaderElection', () => {
  it('elects the first to come, who stays leader while it renews', async () => {
    const api = new LeaseApi();
    const a = await join(api, 'a');
    const b = await join(api, 'b');
    await pass(120_000, a, b);
    expect([leaders(a, b), a.told, b.told]).toEqual([[true, false], ['started'], []]);
    expect(api.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2030-01-01T00:00:00.000000Z',
      renewTime: '2030-01-01T00:02:00.000000Z',
      leaseTransitions: 0,
    });
  });

  it('lets another take over once the record has not changed for the lease duration', async () => {
    const api = new LeaseApi();
    const a = await join(api, 'a');
    const b = await join(api, 'b');
    await pass(14_000, b);
    expect(leaders(b)).toEqual([false]);
    await pass(4_000, b);
    expect([leaders(b), api.spec['leaseTransitions']]).toEqual([[true], 1]);
    await a.clock.advance(2_000);
    expect([leaders(a), a.told]).toEqual([[false], ['started', 'stopped']]);
  });

  it.each([-3_600_000, 3_600_000])('is not misled by a wall clock that is off by %i ms', async (skewMs) => {
    const api = new LeaseApi();
    const a = await join(api, 'a');
    const b = await join(api, 'b', { ms: skewMs });
    await pass(60_000, a, b);
    expect(leaders(a, b)).toEqual([true, false]);
  });

  it('stops leading before others may lead if it cannot renew, then tries again', async () => {
    const api = new LeaseApi();
    const a = await join(api, 'a');
    api.isDown = true;
    await pass(9_000, a);
    expect(leaders(a)).toEqual([true]);
    await pass(1_000, a);
    expect([leaders(a), a.told]).toEqual([[false], ['started', 'stopped']]);
    api.isDown = false;
    await pass(2_000, a);
    expect(a.told).toEqual(['started', 'stopped', 'started']);
  });

  it('steps down on time and tries again although a request hangs', async () => {
    const api = new LeaseApi();
    const a = await join(api, 'a');
    api.isHanging = true;
    await pass(10_000, a);
    expect(a.told).toEqual(['started', 'stopped']);
    api.isHanging = false;
    await pass(8_000, a);
    expect(leaders(a)).toEqual([true]);
  });

  it('does not lead when it continues after a pause, before it has asked the server', async () => {
    const api = new LeaseApi();
    const a = await join(api, 'a');
    const b = await join(api, 'b');
    await pass(20_000, b);
    a.clock.jump(20_000);
    expect(leaders(a, b)).toEqual([false, true]);
    await a.clock.advance(2_000);
    expect([leaders(a, b), a.told]).toEqual([
      [false, true],
      ['started', 'stopped'],
    ]);
  });

  it('does not lead after its machine was suspended, which the monotonic clock did not see', async () => {
    const api = new LeaseApi();
    const skew = { ms: 0 };
    const a = await join(api, 'a', skew);
    skew.ms = 20_000;
    expect(leaders(a)).toEqual([false]);
  });

  // else workers that ask find no leader in a term that goes on, and ask again without end and without pause
  it('has reported the end of its term before it says that it does not lead', async () => {
    const skew = { ms: 0 };
    const a = await join(new LeaseApi(), 'a', skew);
    skew.ms = 3_600_000;
    expect([leaders(a), a.told]).toEqual([[false], ['started', 'stopped']]);
  });

  it('leads again at its next renewal after its wall clock was set forward or back, as the same holder', async () => {
    const api = new LeaseApi();
    const skew = { ms: 0 };
    const a = await join(api, 'a', skew);
    const b = await join(api, 'b');
    for (const ms of [3_600_000, 0, -3_600_000, 86_400_000]) {
      skew.ms = ms;
      await pass(3_000, a, b);
      expect([leaders(a, b), api.spec['leaseTransitions']]).toEqual([[true, false], 0]);
    }
  });

  it('hands the lease over at once when it stops', async () => {
    const api = new LeaseApi();
    const a = await join(api, 'a');
    const b = await join(api, 'b');
    await a.stop();
    expect([a.told, api.spec['holderIdentity']]).toEqual([['started', 'stopped'], '']);
    await pass(2_000, b);
    expect(leaders(a, b)).toEqual([false, true]);
  });

  it('leaves the lease alone when another has taken it before it stops', async () => {
    const api = new LeaseApi();
    const a = await join(api, 'a');
    const b = await join(api, 'b');
    await pass(20_000, b);
    await a.stop();
    expect([leaders(b), api.spec['holderIdentity']]).toEqual([[true], 'b']);
  });

  it('elects one of several that try at the same moment', async () => {
    const api = new LeaseApi();
    api.isDown = true;
    const candidates = await Promise.all(['a', 'b', 'c'].map((identity) => join(api, identity)));
    api.isDown = false;
    await Promise.all(candidates.map(({ clock }) => clock.advance(2_000)));
    expect(leaders(...candidates).filter(Boolean)).toHaveLength(1);
  });
});
