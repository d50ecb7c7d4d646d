import { describe, expect, it } from 'vitest';
import type { ApiClient, KubeObject } from '../client/types.ts';
import type { Logger } from '../logger.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { object, refusal, ScriptedApi } from '../testing/scripted-api.ts';
import { ApiFailure, apiError } from '../transport/api-failure.ts';
import { createEventRecorder } from './event-recorder.ts';

/** A server that keeps the events it is sent, refusing the first `failures` writes. */
class EventApi extends ScriptedApi {
  readonly written: string[] = [];
  readonly events: KubeObject[] = [];
  refusals: Error[] = [];

  override create: ApiClient['create'] = async (_resource, event) => {
    this.#refuse();
    this.events.push(event);
    this.written.push(`create ${event['reason']} ${event['count']}`);
    return event;
  };

  override patch: ApiClient['patch'] = async (_resource, _key, changes) => {
    const patch: Record<string, unknown> = Object(changes);
    this.#refuse();
    this.written.push(`patch ${patch['count']} ${patch['lastTimestamp']}`);
    return { metadata: {} };
  };

  #refuse(): void {
    const refused = this.refusals.shift();
    if (refused) throw refused;
  }
}

function makeRecorder(isBusy: () => boolean = () => false) {
  const client = new EventApi();
  const clock = new FakeClock();
  const warnings: string[] = [];
  const logger: Logger = { log: (_level, message) => warnings.push(message) };
  const now = () => new Date(Date.UTC(2030, 0, 1) + clock.now());
  const options = { client, component: 'sealed-secrets', clock, jitter: () => 0, logger, now, isBusy };
  return { client, clock, warnings, recorder: createEventRecorder(options) };
}

const target = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', ...object('a', '5') };

describe('EventRecorder', () => {
  it('drops silently an event whose namespace is being deleted', async () => {
    const { client, warnings, recorder } = makeRecorder();
    client.refusals = [apiError('no', new ApiFailure(403, 'NamespaceTerminating'))];
    recorder.record(target, 'Normal', 'Unsealed', 'late');
    await recorder.flush();
    expect([client.written, warnings]).toEqual([[], []]);
  });
  it('lets events wait while there is work, and writes them once there is none or it must', async () => {
    let isBusy = true;
    const { client, clock, recorder } = makeRecorder(() => isBusy);
    recorder.record(target, 'Normal', 'Unsealed', 'first');
    await settle();
    await clock.advance(1_000);
    expect(client.events).toEqual([]);
    isBusy = false;
    await clock.advance(100);
    expect(client.events).toMatchObject([{ message: 'first' }]);
    isBusy = true;
    recorder.record(target, 'Normal', 'Unsealed', 'second');
    await recorder.flush();
    expect(client.events).toMatchObject([{ message: 'first' }, { message: 'second' }]);
  });

  it('writes an event about its target', async () => {
    const { client, recorder } = makeRecorder();
    recorder.record(target, 'Normal', 'Unsealed', 'SealedSecret unsealed successfully');
    await recorder.flush();
    expect(client.events).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { namespace: 'n', name: expect.stringMatching(/^a\.[0-9a-f]{16}$/) },
        involvedObject: {
          apiVersion: 'bitnami.com/v1alpha1',
          kind: 'SealedSecret',
          ...{ namespace: 'n', name: 'a', uid: 'uid-a', resourceVersion: '5' },
        },
        type: 'Normal',
        reason: 'Unsealed',
        message: 'SealedSecret unsealed successfully',
        count: 1,
        firstTimestamp: '2030-01-01T00:00:00Z',
        lastTimestamp: '2030-01-01T00:00:00Z',
        source: { component: 'sealed-secrets' },
        reportingComponent: 'sealed-secrets',
        reportingInstance: '',
      },
    ]);
  });

  it('counts repeats on the event written first, and merges those that come while it is being written', async () => {
    const { client, clock, recorder } = makeRecorder();
    recorder.record(target, 'Warning', 'Failed', 'no key');
    await recorder.flush();
    await clock.advance(5_000);
    for (let repeat = 0; repeat < 3; repeat += 1) recorder.record(target, 'Warning', 'Failed', 'no key');
    recorder.record(target, 'Warning', 'Failed', 'other message');
    await recorder.flush();
    expect(client.written.sort()).toEqual([
      'create Failed 1',
      'create Failed 1',
      'patch 2 2030-01-01T00:00:05Z',
      'patch 4 2030-01-01T00:00:05Z',
    ]);
  });

  it('starts a new event when the first one has expired on the server', async () => {
    const { client, recorder } = makeRecorder();
    recorder.record(target, 'Normal', 'Unsealed', 'ok');
    await recorder.flush();
    client.refusals = [refusal(404)];
    recorder.record(target, 'Normal', 'Unsealed', 'ok');
    await recorder.flush();
    expect(client.written).toEqual(['create Unsealed 1', 'create Unsealed 2']);
  });

  it('lets through 25 events about one object, then one per five minutes, and others freely', async () => {
    const { client, clock, recorder } = makeRecorder();
    for (let index = 0; index < 40; index += 1)
      recorder.record(target, 'Normal', 'Unsealed', `message ${index}`);
    recorder.record({ ...target, ...object('b', '1') }, 'Normal', 'Other', 'ok');
    await recorder.flush();
    expect(client.events).toHaveLength(26);
    await clock.advance(300_000);
    recorder.record(target, 'Normal', 'Unsealed', 'later');
    recorder.record(target, 'Normal', 'Unsealed', 'later still');
    await recorder.flush();
    expect(client.events).toHaveLength(27);
  });

  it('tries a few times while the server is down, and never rejects', async () => {
    const { client, clock, recorder, warnings } = makeRecorder();
    client.refusals = [refusal(503), refusal(0)];
    recorder.record(target, 'Normal', 'Unsealed', 'first');
    await clock.advance(60_000);
    expect(client.written).toEqual(['create Unsealed 1']);
    client.refusals = Array.from({ length: 4 }, () => refusal(500));
    recorder.record(target, 'Normal', 'Unsealed', 'second');
    const flushed = recorder.flush();
    await clock.advance(60_000);
    await flushed;
    expect([client.written.length, warnings]).toEqual([1, ['event not written']]);
  });

  it('waits as long as the server asks, and no longer than five minutes', async () => {
    const { client, clock, recorder } = makeRecorder();
    client.refusals = [refusal(429, 10_000), refusal(503, 86_400_000)];
    recorder.record(target, 'Normal', 'Unsealed', 'first');
    await clock.advance(9_999);
    expect(client.refusals).toHaveLength(1);
    await clock.advance(300_000);
    expect(client.written).toEqual([]);
    await clock.advance(1);
    expect(client.written).toEqual(['create Unsealed 1']);
  });

  it('gives up at once when refused for good', async () => {
    const { client, recorder, warnings } = makeRecorder();
    client.refusals = [refusal(403)];
    recorder.record(target, 'Normal', 'Unsealed', 'ok');
    await recorder.flush();
    expect([client.written, warnings]).toEqual([[], ['event not written']]);
  });

  it('cuts messages at 1024 bytes, between characters', async () => {
    const { client, recorder } = makeRecorder();
    recorder.record(target, 'Normal', 'Unsealed', '€'.repeat(500));
    await recorder.flush();
    expect(client.events[0]?.['message']).toBe(`${'€'.repeat(340)}...`);
  });

  it('drops what exceeds its limit while the server is down', async () => {
    const { recorder, warnings } = makeRecorder();
    for (let index = 0; index < 10_010; index += 1) {
      recorder.record({ ...target, ...object(`o${index}`, '1') }, 'Normal', 'Unsealed', 'ok');
    }
    await settle();
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThanOrEqual(10);
  });
});
