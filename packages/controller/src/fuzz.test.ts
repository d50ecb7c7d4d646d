import {
  type Bytes,
  generateKeyPair,
  type KeyPair,
  KeyRing,
  type SealedSecret,
  SealedSecretsError,
  type Secret,
  sealSecret,
} from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildServer } from './http/server.ts';
import { readKeySecret } from './keys/key-secret.ts';
import { createMetrics } from './metrics.ts';
import { type ReconcileDeps, reconcile } from './reconcile/reconcile.ts';
import { createReporter } from './reconcile/reporter.ts';
import { LastUnseals } from './reconcile/status/last-unseal.ts';
import { nextStatus } from './reconcile/status/status.ts';
import { keySecret, recordingEvents, recordingLog } from './testing/recorders.ts';

/** The full number in CI, a taste of it elsewhere. */
const RUNS = process.env['CI'] === undefined ? 1_000 : 6_000;
const CANARY = 'canary-7f3a';
const KEY = { namespace: 'blue', name: 'db' };

let keyPair: KeyPair;
let sealed: SealedSecret;

beforeAll(async () => {
  keyPair = await generateKeyPair(2048);
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: KEY,
    data: { a: btoa(CANARY), b: btoa(`${CANARY}!`) },
  };
  sealed = await sealSecret(secret, keyPair);
});

/** JSON of any shape, with the names that matter here among the keys. */
const names = fc.constantFrom(
  'metadata',
  'spec',
  'status',
  'template',
  'encryptedData',
  'data',
  'labels',
  'annotations',
  'type',
  'immutable',
  'kind',
  'conditions',
  '__proto__',
  'constructor',
  'a',
);
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, -1, '', 'true', 'AgA=', '{{ .a }}', '{{ fail .a }}'),
    fc.string(),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.dictionary(names, tie('value'), { maxKeys: 4 }),
})).value;
/** Where to put it: a path into the object. */
const path = fc.array(names, { minLength: 1, maxLength: 4 });

function bent(object: unknown, [name = '', ...rest]: readonly string[], value: unknown): unknown {
  const fields = typeof object === 'object' && object !== null ? { ...object } : {};
  const inner = rest.length === 0 ? value : bent((fields as Record<string, unknown>)[name], rest, value);
  return Object.defineProperty(fields, name, {
    value: inner,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

const codeOf = (error: unknown): string =>
  error instanceof SealedSecretsError ? error.code : `bug: ${String(error)}`;

describe('any SealedSecret', () => {
  it('ends in a Secret or a known refusal, with a status that holds nothing of the values', async () => {
    const events = recordingEvents();
    const log = recordingLog();
    const statuses: unknown[] = [];
    const created: Secret[] = [];
    const deps = passDeps(events, log, (outcome) => void statuses.push(outcome), created);
    const ends = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(path, anyJson, async (at, value) => {
        const identity = { ...KEY, uid: 'u', generation: 1 };
        const object = bent({ ...sealed, metadata: identity }, at, value) as KubeObject;
        const metadata = { ...(object.metadata as object), ...identity };
        Reflect.deleteProperty(metadata, 'deletionTimestamp');
        const live = { ...object, metadata };
        const end = await reconcile(
          KEY,
          { ...deps, sealedSecrets: { get: () => live }, lastUnseals: new LastUnseals() },
          99,
        ).then(() => 'made', codeOf);
        ends.set(end, (ends.get(end) ?? 0) + 1);
        expect(end).toMatch(/^(made|ERR_[A-Z_]+)$/);
        const written = nextStatus(
          live,
          { failure: new SealedSecretsError('ERR_CONFLICT', 'x') },
          new Date(0),
        );
        expect(written?.conditions?.[0]?.type).toBe('Synced');
      }),
      { numRuns: RUNS },
    );
    expect(ends.get('made')).toBeGreaterThan(RUNS / 20);
    expect([...events.texts, ...log.lines, JSON.stringify(statuses)].join('\n')).not.toContain(CANARY);
    expect(created.every(({ metadata }) => metadata.name === 'db' && metadata.namespace === 'blue')).toBe(
      true,
    );
  });
});

describe('any body', () => {
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
    fc
      .string({
        unit: fc.constantFrom(
          '{',
          '}',
          '[',
          ']',
          ':',
          ' ',
          '\n',
          '-',
          '?',
          '&a',
          '*a',
          '"',
          '#',
          '!',
          '|',
          '>',
          'a',
          '---\n',
        ),
        maxLength: 80,
      })
      .map((text) => Buffer.from(text)),
    fc.tuple(path, anyJson).map(([at, value]) => Buffer.from(JSON.stringify(bent(sealed, at, value)))),
    fc.tuple(fc.nat(3000), fc.nat(255)).map(([at, value]) => {
      const bytes = Buffer.from(JSON.stringify(sealed));
      bytes[at % bytes.length] = value;
      return bytes;
    }),
  );
  it('is answered by the statuses of the API, with no body beside a rotated object, and the server lives on', async () => {
    const key = await readKeySecret((await keySecret('served')).secret, {});
    const log = recordingLog();
    const app = buildServer({
      keys: { keyRing: KeyRing.of(keyPair, key.keyPair), newest: key, offeredV2: [] },
      isReady: () => true,
      lockedKeys: () => 0,
      hasNoSigners: () => false,
      isLive: () => true,
      acceptV1Data: true,
      config: { rateLimit: { perSecond: 1e6, burst: 1e6 }, readTimeoutMs: 0, writeTimeoutMs: 0 },
      metrics: createMetrics('test'),
      log,
      nowMs: () => 0,
      busyMs: () => 0,
    });
    await fc.assert(
      fc.asyncProperty(bodies, fc.constantFrom('/v1/verify', '/v1/rotate'), async (payload, url) => {
        const answer = await app.inject({ method: 'POST', url, payload });
        expect([200, 409, 500]).toContain(answer.statusCode);
        if (url === '/v1/verify' || answer.statusCode !== 200) expect(answer.body).toBe('');
        expect(answer.body).not.toContain(CANARY);
      }),
      { numRuns: RUNS },
    );
    expect(log.lines.filter((line) => !line.startsWith('DEBUG'))).toEqual([]);
    await app.close();
  });
});

function passDeps(
  events: ReturnType<typeof recordingEvents>,
  log: ReturnType<typeof recordingLog>,
  onStatus: (outcome: unknown) => void,
  created: Secret[],
): Omit<ReconcileDeps, 'sealedSecrets' | 'lastUnseals'> {
  const metrics = createMetrics('test');
  const render = async ({ templates }: { readonly templates: ReadonlyMap<string, string> }) =>
    new Map([...templates.keys()].map((name): [string, Bytes] => [name, new Uint8Array(1)]));
  return {
    secrets: {
      knownVersion: () => 'absent',
      read: async () => undefined,
      create: async (secret) => {
        created.push(secret);
        return secret;
      },
      replace: async (secret) => secret,
      delete: async () => undefined,
    },
    keys: { keyRing: KeyRing.of(keyPair) },
    statuses: {
      write: async (_key, _object, outcome) =>
        onStatus('failure' in outcome ? String(outcome.failure) : 'ok'),
    },
    repairs: { note: () => undefined, forget: () => undefined },
    now: () => new Date(),
    readSealedSecret: async () => undefined,
    reporter: createReporter({ events, log, metrics, now: () => new Date(0) }),
    renderTemplates: () => render,
    acceptV1Data: true,
    allowsTokenSecrets: false,
    sealingKeys: { namespace: 'keys', legacyName: 'sealed-secrets-key' },
    driftPolicy: 'repair',
    deletesOrphans: false,
    maxFastRetries: 0,
  };
}
