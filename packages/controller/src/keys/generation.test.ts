import type { KubeObject } from '@fuin/kube/client';
import { expect, it } from 'vitest';
import type { KeyConfig } from '../config/config.ts';
import { createMetrics } from '../metrics.ts';
import { auditLog } from '../testing/audit-scene.ts';
import { noLocks, noRefusals, recordingEvents, recordingLog } from '../testing/recorders.ts';
import { generateKey, xWingMaker } from './generation.ts';
import { KeyRegistry } from './registry.ts';

const CONFIG: KeyConfig = {
  ...{ prefix: 'sealed-secrets-key', sizeBits: 2048, ttlMs: 86_400_000, commonName: '', renewPeriodMs: 0 },
  ...{ cutoff: undefined, labels: {}, annotations: {}, makesV2: true, wrappers: [], splitKeys: [] },
  order: 'CertNotBefore',
};

it('generateKey creates no key without its line in the audit log with --audit-failure=refuse', async () => {
  const world = auditLog('refuse');
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const now = () => new Date(world.nowMs);
  const deps = { order: 'CertNotBefore', copies: 1, now, refusals: noRefusals, locks: noLocks } as const;
  const created: KubeObject[] = [];
  const generate = () =>
    generateKey(
      {
        api: {
          list: async () => ({ items: created, resourceVersion: '1' }),
          create: async (_resource, { metadata, ...object }) => {
            const secret = { ...object, metadata: { ...metadata, name: `key-${created.length}` } };
            created.push(secret);
            return secret;
          },
        },
        registry: new KeyRegistry({ ...deps, ...parts }),
        ...{ maker: xWingMaker(CONFIG, 'home'), config: CONFIG, namespace: 'home' },
        ...{ log: parts.log, audit: world.audit, now },
      },
      () => true,
    );
  world.isBroken = true;
  await expect(generate()).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
  expect(created).toEqual([]);
  world.isBroken = false;
  await world.audit.tick();
  await generate();
  await world.audit.tick();
  expect(created).toHaveLength(1);
  expect(world.lines().map(({ kind }) => kind)).toEqual([
    ...['controller.started', 'write.planned', 'write.planned', 'key.created'],
  ]);
});
