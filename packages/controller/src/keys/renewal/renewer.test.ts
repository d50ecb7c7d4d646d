import { X509Certificate } from 'node:crypto';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import type { KeyConfig } from '../../config/config.ts';
import { createMetrics } from '../../metrics.ts';
import { keySecret, noLocks, noRefusals, recordingEvents, recordingLog } from '../../testing/recorders.ts';
import { rsaMaker } from '../generation.ts';
import { KeyRegistry } from '../registry.ts';
import { KeyRenewer } from './renewer.ts';

const CONFIG: KeyConfig = {
  prefix: 'sealed-secrets-key',
  sizeBits: 2048,
  ttlMs: 86_400_000,
  commonName: 'me',
  renewPeriodMs: 0,
  order: 'CertNotBefore',
  cutoff: undefined,
  labels: {},
  annotations: {},
  makesV2: false,
  wrappers: [],
  splitKeys: [],
};

const SUBJECT = { commonName: 'controller.home', organization: 'cluster 0123' };

/** A namespace of key Secrets, a clock that only sleeping moves, and a renewer over both. */
function scene(config: Partial<KeyConfig> = {}, initial: readonly KubeObject[] = []) {
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const now = () => new Date(nowMs);
  const registry = new KeyRegistry({
    locks: noLocks,
    order: 'CertNotBefore',
    copies: 1,
    now,
    refusals: noRefusals,
    ...parts,
  });
  const stop = new AbortController();
  const secrets: KubeObject[] = [...initial];
  const server = { failures: 0, lostAnswers: 0, creates: 0 };
  const sleeps: number[] = [];
  let nowMs = Date.UTC(2026, 5, 1);
  const refuse = () => {
    if (server.failures === 0) return;
    server.failures -= 1;
    throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'no answer');
  };
  const renewer = new KeyRenewer({
    api: {
      list: async () => {
        refuse();
        return { items: secrets, resourceVersion: '1' };
      },
      create: async (_resource, object) => {
        refuse();
        server.creates += 1;
        const metadata = {
          ...object.metadata,
          name: `key-${server.creates}`,
          creationTimestamp: new Date(nowMs).toISOString(),
        };
        secrets.push({ ...object, metadata });
        if (server.lostAnswers-- > 0) throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'no answer');
        return { ...object, metadata };
      },
    },
    registry,
    config: { ...CONFIG, ...config },
    maker: rsaMaker({ ...CONFIG, ...config }, 'home', SUBJECT),
    namespace: 'home',
    log: parts.log,
    now,
    sleep: async (delayMs, signal) => {
      if (signal.aborted) return;
      sleeps.push(delayMs);
      nowMs += Number.isFinite(delayMs) ? delayMs : 0;
      if (sleeps.length >= 40) stop.abort();
    },
  });
  return { renewer, registry, server, secrets, sleeps, stop, log: parts.log };
}

describe('KeyRenewer', () => {
  it('creates the first key in one write', async () => {
    const { renewer, registry, server, secrets, stop } = scene();
    await renewer.run(stop.signal);
    expect(server.creates).toBe(1);
    expect(secrets[0]).toMatchObject({
      type: 'kubernetes.io/tls',
      metadata: { generateName: 'sealed-secrets-key' },
    });
    expect(registry.newest?.name).toBe('key-1');
  });
  it('creates none if the server has one that the cache has not seen yet', async () => {
    const { secret } = await keySecret('theirs', { notBefore: new Date('2026-05-30') });
    const { renewer, registry, server, stop } = scene({ renewPeriodMs: 0 }, [secret]);
    await renewer.run(stop.signal);
    expect(server.creates).toBe(0);
    expect(registry.newest?.name).toBe('theirs');
  });
  it('renews after each period', async () => {
    const { renewer, server, stop } = scene({ renewPeriodMs: 9 * 3_600_000 });
    await renewer.run(stop.signal);
    expect(server.creates).toBe(1 + 4); // 40 sleeps of an hour each
  });
  it('creates one new key if the newest is older than the cut-off, not one for each start', async () => {
    const { secret } = await keySecret('old', { notBefore: new Date('2026-01-01') });
    const cutoff = new Date('2026-03-01');
    const first = scene({ cutoff }, [secret]);
    await first.renewer.run(first.stop.signal);
    expect(first.server.creates).toBe(1);
    const second = scene({ cutoff }, first.secrets);
    await second.renewer.run(second.stop.signal);
    expect(second.server.creates).toBe(0);
  });
  it('tries again with growing pauses while the server does not answer', async () => {
    const { renewer, server, sleeps, stop, log } = scene();
    server.failures = 3;
    await renewer.run(stop.signal);
    expect(sleeps.slice(0, 3)).toEqual([500, 1000, 2000]);
    expect(server.creates).toBe(1);
    expect(log.lines.filter((line) => line.includes('cannot generate'))).toHaveLength(3);
  });
  it('creates a key at once on request, with any period', async () => {
    const { renewer, server, stop } = scene();
    await Promise.all([renewer.generateNow(stop.signal), renewer.generateNow(stop.signal)]);
    expect(server.creates).toBe(2);
  });
  it('remembers a request for a key while the server does not answer', async () => {
    const { renewer, server, stop } = scene();
    server.failures = 3;
    await renewer.generateNow(stop.signal);
    expect(server.creates).toBe(1);
  });
  it('creates one key for a request whose answer was lost after the server had carried it out', async () => {
    const { renewer, server, stop } = scene();
    server.lostAnswers = 1;
    await renewer.generateNow(stop.signal);
    expect(server.creates).toBe(1);
  });
  it('replaces the newest key once when its Secret asks for that, and not again after a restart', async () => {
    const old = asking((await keySecret('old', { notBefore: new Date('2026-05-30') })).secret);
    const first = scene({}, [old]);
    await first.renewer.run(first.stop.signal);
    expect(first.server.creates).toBe(1);
    expect(first.registry.newest?.name).toBe('key-1');
    const second = scene({}, first.secrets);
    await second.renewer.run(second.stop.signal);
    expect(second.server.creates).toBe(0);
  });
  it('replaces a key that asks as soon as it is read, even if its certificate begins a moment later', async () => {
    const soon = new Date(Date.UTC(2026, 5, 1) + 60_000);
    const { secret } = await keySecret('soon', { notBefore: soon });
    const { renewer, registry, server, stop } = scene();
    await registry.upsert(asking(secret));
    await renewer.run(stop.signal);
    expect(server.creates).toBe(1);
    expect(registry.newest?.notBefore.getTime()).toBe(soon.getTime() + 1000);
  });
  it('ignores the request of a key that is not the newest', async () => {
    const old = asking((await keySecret('old', { notBefore: new Date('2026-05-01') })).secret);
    const { secret } = await keySecret('new', { notBefore: new Date('2026-05-30') });
    const { renewer, server, stop } = scene({}, [old, secret]);
    await renewer.run(stop.signal);
    expect(server.creates).toBe(0);
  });
  it('marks a new key with fingerprint and validity, beside the annotations that are configured', async () => {
    const { renewer, registry, secrets, stop } = scene({ annotations: { note: 'x' } });
    await renewer.run(stop.signal);
    expect(secrets[0]?.metadata.annotations).toEqual({
      note: 'x',
      'sealedsecrets.bitnami.com/key-fingerprint': registry.newest?.keyPair.id,
      'sealedsecrets.bitnami.com/key-validity': '2026-06-01T00:00:00Z/2026-06-02T00:00:00Z',
    });
  });
  it.each([
    ['', 'CN=controller.home\nO=cluster 0123'],
    ['me', 'CN=me'],
  ])(
    'names controller and cluster in the certificate, unless --my-cn is "%s"',
    async (commonName, subject) => {
      const { renewer, registry, stop } = scene({ commonName });
      await renewer.run(stop.signal);
      const certificate = new X509Certificate(registry.newest?.published ?? '');
      expect([certificate.subject, certificate.issuer]).toEqual([subject, subject]);
    },
  );
});

/** The key Secret with the mark of `kubeseal keys rotate`. */
function asking(secret: KubeObject): KubeObject {
  const annotations = { ...secret.metadata.annotations, 'sealedsecrets.bitnami.com/replace-key': 'now' };
  return { ...secret, metadata: { ...secret.metadata, annotations } };
}
