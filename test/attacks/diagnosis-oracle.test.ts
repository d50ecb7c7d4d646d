import {
  type Bytes,
  decodeUtf8,
  generateKeyPair,
  type Key,
  KeyRing,
  parseSealedSecret,
  type Scope,
  SEALING_NOTE,
  type SealedSecret,
  SealedSecretsError,
  sealingNote,
  sealSecret,
  unsealSecret,
} from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../packages/controller/src/reconcile/explain-failure.ts';

const keyPair = await generateKeyPair(2048);
const ring = KeyRing.of(keyPair);

/** A value that somebody else sealed, in the hands of the author of mallory/db. */
async function stolen(scope: Scope, metadata = { namespace: 'victim', name: 'db' }): Promise<string> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: 'hunter2' } } as const;
  return (await sealSecret(secret, keyPair, scope)).spec.encryptedData['password'] ?? '';
}

function mallory(encryptedData: Readonly<Record<string, string>>, metadata: object = {}): SealedSecret {
  return parseSealedSecret({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { namespace: 'mallory', name: 'db', ...metadata },
    spec: { encryptedData },
  });
}

/** What the condition Ready adds to upstream's message about an object. */
async function adviceOn(object: SealedSecret, keys = ring): Promise<string | undefined> {
  const renderTemplates = async () => new Map<string, Uint8Array>();
  const failure = await unsealSecret(object, keys, { renderTemplates }).then(
    () => undefined,
    (error: unknown) => explainFailure(error, object, keys),
  );
  if (!(failure instanceof SealedSecretsError)) throw new Error('it opens');
  return failure.hint;
}

describe('the diagnosis of a value that does not open', () => {
  it.each<Scope>(['strict', 'namespace-wide'])(
    'tells nothing of a %s value of another namespace: it looks like a value of another cluster',
    async (scope) => {
      const foreign = await generateKeyPair(2048);
      const advice = await adviceOn(mallory({ a: await stolen(scope) }));
      expect(advice).toBeUndefined();
      expect(await adviceOn(mallory({ a: await stolen(scope) }), KeyRing.of(foreign))).toBe(advice);
    },
  );
  it('tells of a cluster-wide value only what its annotation would give the author anyway', async () => {
    const value = await stolen('cluster-wide');
    expect(await adviceOn(mallory({ a: value }))).toMatch(/^a: it opens as cluster-wide/);
    const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const renderTemplates = async () => new Map<string, Uint8Array>();
    const opened = await unsealSecret(mallory({ a: value }, { annotations }), ring, { renderTemplates });
    expect(Object.keys(opened.secret.data ?? {})).toEqual(['a']);
  });
  it('only tries labels of the object itself, and 16 keys at most, for one item of however many', async () => {
    const labels = new Set<string>();
    let asked = 0;
    const watching = (id: number): Key => ({
      id: `key ${id}`,
      mayOpen: () => true,
      open: async (_envelope, label: Bytes) => {
        labels.add(decodeUtf8(label));
        asked += 1;
        return null;
      },
    });
    const keys = KeyRing.of(...Array.from({ length: 30 }, (_, id) => watching(id)));
    const value = await stolen('strict');
    const items = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`item${at}`, value]));
    const object = mallory(items);
    const failure = new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', 'no key could decrypt secret', {
      items: Object.keys(items).map((item) => ({ item, code: 'ERR_NO_KEY_OPENS_VALUE', message: 'x' })),
    });
    await explainFailure(failure, object, keys);
    expect(asked).toBe(16);
    expect([...labels].sort()).toEqual(['', 'mallory']);
  });
  it('does not put into a message what the author wrote, but names that Kubernetes allows', async () => {
    const note = JSON.stringify({ 'SHA256:\u001b[31mevil': { a: 'x' } });
    const object = mallory({ 'a\n2026 level=info': 'x' }, { annotations: { [SEALING_NOTE]: note } });
    const template = { metadata: { name: 'db\n\u001b[2Jroot', namespace: 'victim' } };
    const advice = await adviceOn({ ...object, spec: { ...object.spec, template } });
    expect(advice).toMatch(/^"a\\n2026 level=info": it is not sealed/);
    expect(advice).not.toMatch(/\n|\p{Cc}|evil/u);
  });
  it('never holds plaintext, ciphertext or more than three reasons', async () => {
    const value = await stolen('strict');
    const items = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`i${at}`, `hunter2${at}`]));
    const advice = (await adviceOn(mallory({ ...items, cut: value.slice(0, 100) }))) ?? '';
    expect(advice.split('; ')).toHaveLength(3);
    expect(advice).not.toMatch(/hunter2|AgA/);
    expect(advice.length).toBeLessThan(500);
  });
  it('says of a removed key only that and when it went, to anyone, whatever was sealed with it', async () => {
    const removed = new Map([[keyPair.id, 'out of service here since 2026-11-30']]);
    const adviceWith = async (value: string) => {
      const note = sealingNote({ a: value }, new Map([['a', keyPair.id]])) ?? '';
      const object = mallory({ a: value }, { annotations: { [SEALING_NOTE]: note } });
      const failure = await unsealSecret(object, KeyRing.of(), {
        renderTemplates: async () => new Map(),
      }).catch((error: unknown) => explainFailure(error, object, KeyRing.of(), { removed }));
      return (failure as SealedSecretsError).hint;
    };
    const foreign = await generateKeyPair(2048);
    const own = await sealSecret(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace: 'mallory', name: 'db' },
        stringData: { a: 'x' },
      },
      foreign,
    );
    const advice = await adviceWith(await stolen('strict'));
    expect(advice).toContain(`${keyPair.id} (out of service here since 2026-11-30)`);
    expect(await adviceWith(own.spec.encryptedData['a'] ?? '')).toBe(advice);
  });
  it('does not change what the object fails with, even where a key has a fault', async () => {
    const faulty: Key = {
      id: 'hsm',
      mayOpen: () => true,
      open: async () => {
        throw new Error('the key service is down');
      },
    };
    const error = new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', 'no key could decrypt secret (a)', {
      items: [{ item: 'a', code: 'ERR_NO_KEY_OPENS_VALUE', message: 'x' }],
    });
    const object = mallory({ a: await stolen('strict') });
    expect(await explainFailure(error, object, KeyRing.of(faulty))).toBe(error);
    const bug = new TypeError('x');
    expect(await explainFailure(bug, object, ring)).toBe(bug);
  });
});
