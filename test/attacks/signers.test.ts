import { writeFile } from 'node:fs/promises';
import { readAllowedSigners, SealedSecretsError, SIGNATURE } from '@fuin/crypto-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseSignerRules } from '../../packages/controller/src/config/signer-rules.ts';
import { createMetrics } from '../../packages/controller/src/metrics.ts';
import { SignerGate } from '../../packages/controller/src/signers/signer-gate.ts';
import { SignersFile } from '../../packages/controller/src/signers/signers-file.ts';
import { recordingLog } from '../../packages/controller/src/testing/recorders.ts';
import type { KubeObject, ObjectKey } from '../../packages/kube/src/client/types.ts';
import { SshKeys, withSignature } from '../support/ssh-keys.ts';

const KEY = { namespace: 'shop', name: 'db' };
const NOW = new Date('2026-06-01T00:00:00Z');
const SEALED = {
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: { ...KEY, annotations: {} as Record<string, string> },
  spec: {
    encryptedData: { password: 'AgBy', user: 'AgBz' },
    template: { type: 'Opaque', data: { url: 'x={{ .password }}' }, metadata: { labels: { a: 'b' } } },
  },
};
type Sealed = typeof SEALED;

let keys: SshKeys;
let signed: Sealed;
beforeAll(async () => {
  keys = new SshKeys();
  for (const name of ['ann', 'eve']) keys.make(name);
  keys.make('curve', 'ecdsa');
  signed = await keys.sign('ann', SEALED);
});
afterAll(() => keys.delete());

let lines: string;
beforeEach(() => {
  lines = keys.line('ann');
});
/** What the gate says about an object in a namespace that enforces signatures. */
async function verdict(object: unknown, key: ObjectKey = KEY): Promise<string> {
  const signers = await readAllowedSigners(lines);
  const rules = parseSignerRules('enforce') ?? expect.fail();
  const gate = new SignerGate({ rules, signers: () => signers });
  try {
    await gate.check(key, object as KubeObject, NOW);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return /is refused: (.*), and --require-signer/.exec(error.message)?.[1] ?? error.message;
  }
}
const STALE = 'it is not what was signed';
const UNREADABLE = 'its signature cannot be read';

describe('an author who may not sign', () => {
  const { spec, metadata } = SEALED;
  const { template } = spec;
  const changed = (change: object) => ({ ...signed, spec: { ...spec, ...change } });
  const bent = (change: object) => changed({ template: { ...template, ...change } });

  it.each([
    ['a value', () => changed({ encryptedData: { ...spec.encryptedData, password: 'AgBx' } })],
    ['an item', () => changed({ encryptedData: { ...spec.encryptedData, more: 'AgBx' } })],
    ['which value is which', () => changed({ encryptedData: { password: 'AgBz', user: 'AgBy' } })],
    ['the legacy data', () => changed({ data: 'AgBy' })],
    ['a template', () => bent({ data: { url: 'https://evil.test/{{ .password }}' } })],
    ['the type', () => bent({ type: 'kubernetes.io/service-account-token' })],
    ['a label of the Secret', () => bent({ metadata: { labels: { a: 'c' } } })],
    [
      'whose Secret may be written',
      () =>
        bent({
          metadata: { labels: { a: 'b' }, annotations: { 'sealedsecrets.bitnami.com/patch': 'true' } },
        }),
    ],
    ['whether it can change', () => bent({ immutable: true })],
    [
      'the scope',
      () => ({
        ...signed,
        metadata: {
          ...signed.metadata,
          annotations: { ...signed.metadata.annotations, 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
        },
      }),
    ],
  ])('cannot change %s', async (_, bend) => {
    expect(await verdict(signed)).toBe('accepted');
    expect(await verdict(bend())).toBe(STALE);
  });
  it.each([
    ['another name', { ...KEY, name: 'web' }],
    ['another namespace', { ...KEY, namespace: 'bank' }],
  ])('cannot use the signature for %s', async (_, key) => {
    expect(await verdict({ ...signed, metadata: { ...signed.metadata, ...key } }, key)).toBe(STALE);
  });
  it('cannot use the signature of another object', async () => {
    const other = await keys.sign('ann', { ...SEALED, metadata: { ...metadata, name: 'web' } });
    const signature = other.metadata.annotations[SIGNATURE] ?? expect.fail();
    expect(await verdict(withSignature(SEALED, signature))).toBe(STALE);
  });
  it('gains nothing by a key of their own, of whatever kind', async () => {
    for (const name of ['eve', 'curve'])
      expect(await verdict(await keys.sign(name, SEALED))).toBe(
        'its signer is not among the allowed signers',
      );
  });
  it('gains nothing by the key of a signer in place of their own in a signature', async () => {
    const eves = await keys.signature('eve', SEALED);
    const anns = signed.metadata.annotations[SIGNATURE] ?? expect.fail();
    const half = Math.floor(anns.length / 2); // the key stands in the first one
    expect(await verdict(withSignature(SEALED, anns.slice(0, half) + eves.slice(half)))).toBe(STALE);
  });
  it('gains nothing by a forged status', async () => {
    const conditions = ['Synced', 'Ready'].map((type) => ({ type, status: 'True', reason: 'Unsealed' }));
    expect(await verdict({ ...SEALED, status: { observedGeneration: 1, conditions } })).toBe(
      'it has no signature',
    );
  });
  it('cannot crash the check, or make it expensive', async () => {
    let deep: object = {};
    for (let level = 0; level < 50_000; level++) deep = { deep };
    const hostile = [
      withSignature(SEALED, 'A'.repeat(1_000_000)),
      withSignature(SEALED, '\n'.repeat(1_000_000)),
      withSignature(SEALED, `${signed.metadata.annotations[SIGNATURE]}${'\n'.repeat(1_000_000)}`),
      withSignature(SEALED, '-----BEGIN SSH SIGNATURE-----'),
      withSignature(SEALED, ''),
      bent({ metadata: { ownerReferences: [deep] } }),
    ];
    for (const object of hostile) expect(await verdict(object)).toBe(UNREADABLE);
    expect(await verdict({ ...signed, spec: [] })).toBe('spec is not an object');
    expect(await verdict({ metadata: KEY })).toContain('kind is missing');
  });
});

describe('a signer', () => {
  it.each([
    ['who was taken from the list', () => keys.line('eve'), 'its signer is not among the allowed signers'],
    [
      'whose time is over',
      () => keys.line('ann', 'valid-before="20260601Z"'),
      'its signer may not sign at this time',
    ],
    [
      'whose time has not come',
      () => keys.line('ann', 'valid-after="20260602Z"'),
      'its signer may not sign at this time',
    ],
    [
      'who may sign commits only',
      () => keys.line('ann', 'namespaces="git"') + keys.line('eve'),
      'its signer is not among the allowed signers',
    ],
  ])('%s does not count', async (_, list, says) => {
    lines = list();
    expect(await verdict(signed)).toBe(says);
  });
  it('is accepted again with what they signed before: an older version, or the same in another cluster', async () => {
    const newer = { ...SEALED, spec: { ...SEALED.spec, encryptedData: { password: 'AgBx' } } };
    expect(await verdict(await keys.sign('ann', newer))).toBe('accepted');
    expect(await verdict(signed)).toBe('accepted'); // the risk that docs/security.md accepts
  });
});

describe('a list of signers', () => {
  it('of 10 MB is not read, and nobody may sign', async () => {
    const path = keys.path('huge');
    await writeFile(path, keys.line('eve').repeat(100_000));
    const log = recordingLog();
    const metrics = createMetrics('test');
    const clock = { now: () => 0, after: () => () => undefined };
    const file = new SignersFile({ path, clock, now: () => NOW, log, metrics });
    await file.refresh();
    expect([file.signers, log.lines]).toEqual([undefined, [expect.stringContaining('too large')]]);
    expect(await metrics.registry.metrics()).toMatch(/^\w+_allowed_signers_unreadable 1$/m);
  });
  it.each([
    ['thousands of lines', () => `${keys.line('eve')}\n`.repeat(6_000), 'too large'],
    ['a pattern of many stars', () => keys.line('ann').replace('ann@', `${'*a'.repeat(5_000)}@`), ''],
    ['a key of a kind that does not count', () => 'ann@example.com ssh-dss AAAAB3NzaC1kc3M=', 'line 1'],
    ['a certificate authority', () => keys.line('ann', 'cert-authority'), 'line 1'],
    ['an option that nobody knows', () => keys.line('ann', 'verify-required'), 'line 1'],
    ['a key that is cut', () => keys.line('ann').trim().slice(0, -9), 'line 1'],
  ])('with %s ends in a verdict', async (_, list, reason) => {
    const reading = readAllowedSigners(list());
    if (reason === '') await expect(reading).resolves.toHaveLength(1);
    else await expect(reading).rejects.toThrow(reason);
  });
  it('that changes between the check and the write is asked again', async () => {
    let signers = await readAllowedSigners(lines);
    const rules = parseSignerRules('enforce') ?? expect.fail();
    const gate = new SignerGate({ rules, signers: () => signers });
    await gate.check(KEY, signed, NOW);
    signers = await readAllowedSigners(keys.line('eve'));
    await expect(gate.check(KEY, signed, NOW)).rejects.toMatchObject({ code: 'ERR_SIGNER_REQUIRED' });
    expect(gate.counts()).toEqual([{ mode: 'enforce', finding: 'unknown-signer', count: 1 }]);
  });
});
