import { randomBytes } from 'node:crypto';
import { generateKeyPair, KeyRing, parseSealedSecret, sealSecret, unsealSecret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../packages/controller/src/metrics.ts';
import { createTemplateEngine } from '../../packages/controller/src/reconcile/templates.ts';
import { recordingLog } from '../../packages/controller/src/testing/recorders.ts';
import { laneLimits, laneOf } from '../../packages/controller/src/work/lanes.ts';
import { Workers } from '../../packages/controller/src/work/worker.ts';
import type { KubeObject, ObjectKey } from '../../packages/kube/src/client/types.ts';
import { createWorkQueue } from '../../packages/kube/src/workqueue/workqueue.ts';
import { watchedKey } from '../support/watched-key.ts';

const CONCURRENCY = 32;
const textOf = ({ namespace, name }: ObjectKey) => `${namespace}/${name}`;
const pair = await generateKeyPair(2048);

/**
 * Queue, lanes, workers, key ring and template engine as the controller has them; what they do is counted.
 */
function scene() {
  const objects = new Map<string, KubeObject>();
  /** Objects in the order in which their reconciles ended. */
  const ended: string[] = [];
  let trials = 0;
  const counted = watchedKey(pair, () => {
    trials += 1;
  });
  const keyRing = KeyRing.of(counted);
  const templates = createTemplateEngine(undefined, { promptMs: 1_000, patientMs: 3_600_000 });
  const sealedSecrets = { get: (key: ObjectKey) => objects.get(textOf(key)) };
  const hasFailed = (key: ObjectKey) => workers.hasFailed(key);
  const lanes = {
    limits: laneLimits(CONCURRENCY),
    laneOf: (key: ObjectKey) => laneOf(key, { sealedSecrets, templates, hasFailed }),
  };
  const queue = createWorkQueue({ lanes });
  const reconcile = async (key: ObjectKey) => {
    const renderTemplates = templates.forNamespace(key.namespace);
    const opening = unsealSecret(parseSealedSecret(sealedSecrets.get(key)), keyRing, { renderTemplates });
    await opening.finally(() => ended.push(textOf(key)));
  };
  const workers = new Workers({
    queue,
    reconcile,
    keys: { keyRing, onChange: () => undefined },
    maxFastRetries: 5,
    concurrency: CONCURRENCY,
    retryAfterMs: () => undefined,
    jitter: () => 0,
    log: recordingLog(),
    metrics: createMetrics('test'),
  });
  const stop = new AbortController();
  const running = workers.run(stop.signal);
  const add = (key: ObjectKey, spec: object) => {
    const object = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata: key, spec };
    objects.set(textOf(key), object);
    queue.add(key);
  };
  const untilEnded = (key: ObjectKey) =>
    expect.poll(() => ended, { timeout: 110_000 }).toContain(textOf(key));
  const close = async () => {
    stop.abort();
    queue.shutDown();
    await templates.close();
    await running;
  };
  return { add, ended, untilEnded, close, trials: () => trials };
}

const HONEST = { namespace: 'good', name: 'honest' };

async function honestSpec(template: object = {}): Promise<object> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: HONEST, data: { p: 'eA==' } } as const;
  const { spec } = await sealSecret(secret, pair);
  return { ...spec, template: { ...spec.template, ...template } };
}

/** A value that opens, as each of the object's items. */
async function sealedFor(metadata: ObjectKey): Promise<string> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { p: 'eA==' } } as const;
  return (await sealSecret(secret, pair)).spec.encryptedData['p'] ?? '';
}

/** Values that look sealed for a key of 2,048 bits. */
function garbage(count: number): Record<string, string> {
  const value = () => Buffer.concat([Buffer.of(1, 0, 0), randomBytes(271)]).toString('base64');
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`i${index}`, value()]));
}

describe('an honest object beside hostile ones of other namespaces', () => {
  it('waits for few of the 40,000 values of 40 objects that no key opens', { timeout: 120_000 }, async () => {
    const { add, ended, untilEnded, close, trials } = scene();
    for (let index = 0; index < 40; index++) {
      add({ namespace: 'evil', name: `x${index}` }, { encryptedData: garbage(1_000) });
    }
    add(HONEST, await honestSpec());
    await untilEnded(HONEST);
    // half of the workers, each with 10 values and those under way with them, and once more before its own
    // turn ends
    expect(trials()).toBeLessThan(2 * (CONCURRENCY / 2) * (10 + 8));
    await expect.poll(() => ended.length, { timeout: 110_000 }).toBe(40 + 1);
    expect(trials()).toBeLessThan(40 * (10 + 8));
    await close();
  });

  it('waits for none of the objects of two namespaces that hold hundreds of values each', {
    timeout: 120_000,
  }, async () => {
    const { add, untilEnded, close, trials } = scene();
    const objects = Array.from({ length: 32 }, (_, index) => ({
      namespace: `evil-${index % 2}`,
      name: `x${index}`,
    }));
    const values = await Promise.all(objects.map((key) => sealedFor(key)));
    for (const [index, key] of objects.entries()) {
      const items = Array.from({ length: 200 }, (_, item) => [`i${item}`, values[index]]);
      const template = { data: { t: index % 4 < 2 ? '{{ 1 }}' : '' } };
      add(key, { encryptedData: Object.fromEntries(items), template });
    }
    await expect.poll(trials, { timeout: 110_000 }).toBeGreaterThan(10);
    add(HONEST, await honestSpec({ data: { t: '{{ 2 }}' } }));
    await untilEnded(HONEST);
    expect(trials()).toBeLessThan((32 * 200) / 8);
    await close();
  });

  it('is served before objects that failed before', { timeout: 120_000 }, async () => {
    const { add, ended, untilEnded, close } = scene();
    const evil = Array.from({ length: 40 }, (_, index) => ({ namespace: `evil-${index}`, name: 'x' }));
    const again = () => {
      for (const key of evil) add(key, { encryptedData: garbage(20) });
    };
    again();
    await expect.poll(() => ended.length, { timeout: 110_000 }).toBe(evil.length);
    const before = ended.length;
    again();
    add(HONEST, await honestSpec());
    await untilEnded(HONEST);
    expect(ended.indexOf(textOf(HONEST)) - before).toBeLessThan(2 * (CONCURRENCY / 8));
    await close();
  });

  it('renders its template after few of 16 endless ones of 8 namespaces', { timeout: 120_000 }, async () => {
    const { add, ended, untilEnded, close } = scene();
    const endless =
      '{{ define "x" }}{{ range until 30000 }}{{ range until 30000 }}{{ end }}{{ end }}{{ end }}';
    const data = { t: `${endless}{{ template "x" }}` };
    const evil = Array.from({ length: 16 }, (_, index) => ({
      namespace: `evil-${index % 8}`,
      name: `x${index}`,
    }));
    const apply = () => {
      for (const key of evil) add(key, { encryptedData: {}, template: { data } });
    };
    apply();
    add(HONEST, await honestSpec({ data: { t: 'p={{ .p }}' } }));
    await untilEnded(HONEST);
    // one of each namespace, and what started in the places of those that ended meanwhile
    expect(ended.indexOf(textOf(HONEST))).toBeLessThanOrEqual(8 + 4);
    const seen = () => new Set(ended.map((text) => text.split('/')[0])).size;
    await expect.poll(seen, { timeout: 110_000 }).toBe(8 + 1);
    const before = ended.length;
    apply();
    const later = { ...HONEST, name: 'later' };
    add(later, { encryptedData: {}, template: { data: { t: '{{ 1 }}' } } });
    await untilEnded(later);
    // by now it is known who is slow; at most the places that such templates had are still taken
    expect(ended.indexOf(textOf(later)) - before).toBeLessThanOrEqual(4);
    await close();
  });
});
