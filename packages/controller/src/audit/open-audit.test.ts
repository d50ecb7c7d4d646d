import { afterEach, describe, expect, it, vi } from 'vitest';
import { schemaProblems } from '../../../../test/support/audit-schema.ts';
import { verified } from '../../../audit/src/testing/logs.ts';
import { auditLog } from '../testing/audit-scene.ts';

const sealed = (name: string, generation = 1, more: object = {}) => {
  const metadata = { namespace: 'shop', name, uid: `u-${name}`, generation };
  return { kind: 'SealedSecret', object: { metadata, ...more } } as const;
};

afterEach(() => void vi.useRealTimers());

describe('AuditLog', () => {
  it('tells the same refusal of the same version once, until it is opened again', async () => {
    const { audit, lines } = auditLog();
    const refuse = (generation: number, reason: string) =>
      audit.record({ kind: 'secret.refused', about: sealed('db', generation), reason });
    for (let attempt = 0; attempt < 50; attempt += 1) refuse(1, 'NoKeyOpensValue');
    refuse(1, 'Conflict');
    refuse(2, 'Conflict');
    audit.record({ kind: 'sealedsecret.opened', about: sealed('db', 2), items: ['a'] });
    refuse(2, 'Conflict');
    await audit.tick();
    expect(lines().map(({ kind, reason }) => reason ?? kind)).toEqual([
      'controller.started',
      ...['NoKeyOpensValue', 'Conflict', 'Conflict', 'sealedsecret.opened', 'Conflict'],
    ]);
  });
  it('names who changed the spec, by the name that the client chose', async () => {
    const { audit, lines } = auditLog();
    const managedFields = [
      { manager: 'argocd', operation: 'Apply', time: '2026-01-01T00:00:00Z', fieldsV1: { 'f:spec': {} } },
      {
        manager: 'kubectl-edit',
        operation: 'Update',
        time: '2026-01-02T00:00:00Z',
        fieldsV1: { 'f:spec': {} },
      },
      {
        manager: 'labeler',
        operation: 'Update',
        time: '2026-01-03T00:00:00Z',
        fieldsV1: { 'f:metadata': {} },
      },
      {
        manager: 'controller',
        subresource: 'status',
        time: '2026-01-04T00:00:00Z',
        fieldsV1: { 'f:spec': {} },
      },
    ];
    const metadata = { ...sealed('db').object.metadata, managedFields };
    const object = audit.actors.keep({ metadata });
    expect(Object(object.metadata).managedFields).toBeUndefined();
    audit.record({ kind: 'sealedsecret.opened', about: { kind: 'SealedSecret', object }, items: [] });
    await audit.tick();
    const time = '2026-01-02T00:00:00Z';
    expect(lines().at(-1).actor).toEqual({ manager: 'kubectl-edit', operation: 'Update', time });
  });
  it.each([undefined, 'x', [null, 5], [{ fieldsV1: { 'f:spec': {} }, manager: 7 }]])(
    'names nobody where managedFields is %j',
    async (managedFields) => {
      const { audit, lines } = auditLog();
      const object = audit.actors.keep({ metadata: Object.assign({ name: 'db' }, { managedFields }) });
      audit.record({ kind: 'sealedsecret.opened', about: { kind: 'SealedSecret', object } });
      await audit.tick();
      expect(lines().at(-1)).not.toHaveProperty('actor');
    },
  );
  it('counts requests: a flood of peers is a bounded number of lines', async () => {
    const world = auditLog();
    const { audit, lines } = world;
    for (let at = 0; at < 10_000; at += 1)
      audit.countRequest({ route: '/v1/verify', peer: `10.0.${at % 200}.1`, code: 429 });
    audit.countRequest({ route: '/v1/bulk/verify', peer: '10.0.0.1', code: 200, statuses: [200, 409, 200] });
    await audit.tick();
    expect(lines().length).toBe(1); // they are still being counted
    world.nowMs += 10_000;
    await audit.tick();
    const counted = lines().slice(1);
    expect(counted.length).toBe(66);
    expect(counted.filter(({ code }) => code === 429).reduce((sum, { count }) => sum + count, 0)).toBe(
      10_000,
    );
    expect(counted.find(({ code }) => code === 200)).toMatchObject({
      ...{ kind: 'http.requests', route: '/v1/bulk/verify', peer: 'others', count: 1 },
      objects: { 200: 2, 409: 1 },
    });
  });
  it('publishes its head at the start, then every five minutes if there are new lines, and at the end', async () => {
    const world = auditLog();
    const { audit, anchors, lines } = world;
    await audit.tick();
    await audit.tick();
    expect(anchors).toEqual([{ chain: lines()[0].chain, seq: 1, hash: lines()[0].hash }]);
    world.nowMs += 300_000;
    await audit.tick();
    expect(anchors.length).toBe(1);
    audit.record({ kind: 'leader.started', identity: 'pod-a' });
    await audit.tick();
    expect(anchors.map(({ seq }) => seq)).toEqual([1, 2]);
    await audit.close();
    expect(anchors.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(lines().at(-1).kind).toBe('controller.stopped');
    const heads = anchors.map(({ hash }) => hash);
    expect(await verified([world.text], { heads })).toMatchObject({ findingCount: 0, lines: 3 });
  });
  it('announces nothing and never waits with --audit-failure=continue', async () => {
    const world = auditLog();
    world.isBroken = true;
    await world.audit.tick();
    await world.audit.announce({ kind: 'write.planned', about: sealed('db'), action: 'create' });
    expect([world.audit.isFailing, world.text]).toEqual([true, '']);
  });
  it('tells how many events had no room in memory, by a line that the JSON schema knows', async () => {
    const world = auditLog();
    world.isBroken = true;
    await world.audit.tick();
    for (let at = 0; at < 8_300; at += 1) world.audit.record({ kind: 'secret.created', about: sealed('db') });
    world.isBroken = false;
    await world.audit.tick();
    const told = world.lines();
    expect(told.flatMap(schemaProblems)).toEqual([]);
    expect(told.at(-1)).toMatchObject({ kind: 'audit.lost', count: 8_300 - (told.length - 2) });
    expect(await verified([world.text])).toMatchObject({ findingCount: 0, lost: told.at(-1).count });
  });
  it('lets nothing happen without its line with --audit-failure=refuse', async () => {
    const world = auditLog('refuse');
    const plan = () => world.audit.announce({ kind: 'write.planned', about: sealed('db'), action: 'create' });
    await plan();
    expect(world.lines().map(({ kind }) => kind)).toEqual(['controller.started', 'write.planned']);
    world.isBroken = true;
    await expect(plan()).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
    await expect(plan()).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
    world.isBroken = false;
    await world.audit.tick();
    await plan();
    expect(await verified([world.text])).toMatchObject({ findingCount: 0 });
    // what was asked for while the log was known to fail has no line
    const planned = ['write.planned', 'write.planned', 'write.planned'];
    expect(world.lines().map(({ kind }) => kind)).toEqual(['controller.started', ...planned]);
  });
  it('waits five seconds for a disk that does not answer, and then lets nothing happen', async () => {
    vi.useFakeTimers();
    const world = auditLog('refuse');
    world.isStuck = true;
    const codes: string[] = [];
    void world.audit
      .announce({ kind: 'write.planned', about: sealed('db'), action: 'create' })
      .catch(({ code }) => codes.push(code));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(codes).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(codes).toEqual(['ERR_AUDIT_UNAVAILABLE']);
  });
});
