import { type AllowedSigner, type KeyRing, readAllowedSigners } from '@fuin/crypto-core';
import type { ObjectKey } from '@fuin/kube/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Changeable, type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';
import { SshKeys, withSignature } from '../../../../test/support/ssh-keys.ts';
import { parseSignerRules } from '../config/signer-rules.ts';
import { SignerGate } from '../signers/signer-gate.ts';
import type { ReconcileDeps } from './reconcile.ts';
import { conditionsOf } from './status/conditions.ts';
import { LastUnseals } from './status/last-unseal.ts';
import { SEALED_SECRETS } from './status/status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});
let keys: SshKeys;
beforeAll(() => {
  keys = new SshKeys();
  for (const name of ['ann', 'eve']) keys.make(name);
});
afterAll(() => keys.delete());

/** Who may sign now; undefined while the file cannot be used. */
let signers: readonly AllowedSigner[] | undefined;
const allow = async (...lines: readonly string[]) => {
  signers = await readAllowedSigners(lines.join(''));
};
beforeEach(() => allow(keys.line('ann')));

function gateOf(text: string): SignerGate {
  const rules = parseSignerRules(text);
  if (!rules) throw new Error(text);
  return new SignerGate({ rules, signers: () => signers });
}
const seal = (password = 's3cret') => scene.seal({ namespace, name: 'db' }, { password });
const pass = (key: ObjectKey, gate: SignerGate, more: Partial<ReconcileDeps> = {}) =>
  scene.pass(key, { signers: gate, ...more });
const conditionOf = async (key: ObjectKey, wanted: string) =>
  conditionsOf((await scene.stored(key))['status']).find(({ type }) => type === wanted);
const events = (reason: string) => scene.events.texts.filter((text) => text.startsWith(`${reason}: `));

/** What can be wrong, and how the refusal says it. */
const WRONG: Readonly<Record<string, readonly [(object: Changeable) => Promise<Changeable>, string]>> = {
  'has no signature': [async (object) => object, 'it has no signature'],
  'has a signature that is none': [
    async (object) => withSignature(object, 'U1NIU0lH'),
    'its signature cannot be read',
  ],
  'was changed after it was signed': [
    async (object) => {
      const signed = await keys.sign('ann', object);
      return { ...signed, spec: { ...signed.spec, template: { ...signed.spec.template, immutable: true } } };
    },
    'it is not what was signed',
  ],
  'is signed by somebody else': [
    (object) => keys.sign('eve', object),
    'its signer is not among the allowed signers',
  ],
};

describe('--require-signer=enforce', () => {
  let gate: SignerGate;
  beforeEach(() => {
    gate = gateOf('enforce');
  });
  it('lets through what an allowed signer signed', async () => {
    const key = await scene.store(await keys.sign('ann', await seal()));
    expect(await pass(key, gate)).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 's3cret' });
    expect(await conditionOf(key, 'Ready')).toMatchObject({ status: 'True', reason: 'Unsealed' });
    expect(gate.counts()).toEqual([]);
  });
  it.each(Object.entries(WRONG))(
    'refuses an object that %s, and leaves the Secret',
    async (_, [bend, says]) => {
      const key = await scene.store(await keys.sign('ann', await seal('old')));
      await pass(key, gate);
      const secret = await scene.secret(key);
      await scene.store(await bend(await seal('new')));
      expect(await pass(key, gate)).toBe('ERR_SIGNER_REQUIRED');
      expect(await scene.secret(key)).toEqual(secret);
      const message = `${namespace}/db is refused: ${says}, and --require-signer asks for a signature here`;
      for (const type of ['Synced', 'Ready'])
        expect(await conditionOf(key, type)).toMatchObject({
          status: 'False',
          reason: 'SignerRequired',
          message,
        });
      expect(events('ErrUnsealFailed')).toEqual([`ErrUnsealFailed: Failed to unseal: ${message}`]);
    },
  );
  it('refuses an object that was in sync once its signer is taken from the list, and takes it again', async () => {
    const key = await scene.store(await keys.sign('ann', await seal()));
    await pass(key, gate);
    const secret = await scene.secret(key);
    await allow(keys.line('eve'));
    expect(await pass(key, gate)).toBe('ERR_SIGNER_REQUIRED');
    await allow(keys.line('ann', 'valid-before="20200101Z"'));
    expect(await pass(key, gate)).toBe('ERR_SIGNER_REQUIRED');
    expect(await conditionOf(key, 'Ready')).toMatchObject({
      message: expect.stringContaining('its signer may not sign at this time'),
    });
    expect(gate.counts()).toEqual([{ mode: 'enforce', finding: 'untimely-signer', count: 1 }]);
    expect(await scene.secret(key)).toEqual(secret);
    await allow(keys.line('ann'));
    expect(await pass(key, gate)).toBeUndefined();
    expect(gate.counts()).toEqual([]);
  });
  it('refuses everything while the list cannot be used, and says that it is not the fault of the object', async () => {
    const key = await scene.store(await keys.sign('ann', await seal()));
    signers = undefined;
    expect(await pass(key, gate)).toBe('ERR_SIGNERS_UNREADABLE');
    expect(await conditionOf(key, 'Ready')).toMatchObject({ reason: 'SignersUnreadable' });
    expect(await scene.secret(key)).toBeUndefined();
    expect(gate.counts()).toEqual([{ mode: 'enforce', finding: 'no-list', count: 1 }]);
  });
  it('does not repair and does not create again what it refuses', async () => {
    const key = await scene.store(await keys.sign('ann', await seal()));
    await pass(key, gate);
    await allow(keys.line('eve'));
    await scene.editSecret(key, { data: { password: btoa('other') } });
    expect(await pass(key, gate)).toBe('ERR_SIGNER_REQUIRED');
    expect(await scene.texts(key)).toEqual({ password: 'other' });
  });
  it('writes nothing if its signer is taken from the list while the values are opened', async () => {
    const key = await scene.store(await keys.sign('ann', await seal()));
    const readSecret = scene.deps.secrets.read;
    const secrets = {
      ...scene.deps.secrets,
      read: async (which: ObjectKey) => {
        await allow(keys.line('eve'));
        return readSecret(which);
      },
    };
    expect(await pass(key, gate, { secrets })).toBe('ERR_SIGNER_REQUIRED');
    expect(await scene.secret(key)).toBeUndefined();
  });
  it('reports a refusal that stays once', async () => {
    const key = await scene.store(await seal());
    await pass(key, gate);
    const { status } = await scene.stored(key);
    await pass(key, gate);
    expect((await scene.stored(key))['status']).toEqual(status);
  });
  it('forgets an object that is gone', async () => {
    const key = await scene.store(await seal());
    await pass(key, gate);
    expect(gate.counts()).toEqual([{ mode: 'enforce', finding: 'missing', count: 1 }]);
    await scene.api.delete(SEALED_SECRETS, key);
    await pass(key, gate);
    expect(gate.counts()).toEqual([]);
  });
  it('forgets every object where another replica judges from now on', async () => {
    for (const name of ['db', 'web']) {
      const key = await scene.store(await scene.seal({ namespace, name }, { password: 's3cret' }));
      await pass(key, gate);
    }
    expect(gate.counts()).toMatchObject([{ count: 2 }]);
    gate.forgetAll();
    expect(gate.counts()).toEqual([]);
  });
  it('asks for nothing in other namespaces', async () => {
    const key = await scene.store(await seal());
    signers = undefined;
    expect(await pass(key, gateOf('enforce:bank'))).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 's3cret' });
  });
});

describe('--require-signer=warn', () => {
  let gate: SignerGate;
  beforeEach(() => {
    gate = gateOf('warn');
  });
  it.each(Object.entries(WRONG))('reports once that an object %s, and uses it', async (_, [bend, says]) => {
    const key = await scene.store(await bend(await seal()));
    for (let round = 0; round < 3; round++) expect(await pass(key, gate)).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 's3cret' });
    expect(await conditionOf(key, 'Synced')).toMatchObject({ status: 'True', reason: 'Unsealed' });
    expect(await conditionOf(key, 'Ready')).toMatchObject({
      status: 'True',
      reason: 'SignerRequired',
      message: `the Secret is in sync with the SealedSecret, but no allowed signer signed it: ${says}`,
    });
    expect(events('SignerRequired')).toEqual([
      `SignerRequired: no allowed signer signed the SealedSecret, which is used all the same: ${says}`,
    ]);
    expect(scene.log.lines.filter((line) => line.startsWith('WARN'))).toEqual([
      `WARN no allowed signer signed the sealed secret {"namespace":"${namespace}","name":"db","finding":"${says}"}`,
    ]);
    await pass(key, gate, { lastUnseals: new LastUnseals() }); // another process reads it in the status
    expect(events('SignerRequired')).toHaveLength(1);
  });
  it('takes the remark back when the object is signed, which decrypts nothing', async () => {
    const object = await seal();
    const key = await scene.store(object);
    await pass(key, gate);
    const { resourceVersion } = (await scene.secret(key))?.metadata ?? {};
    await scene.store(await keys.sign('ann', object));
    const noKeys = {
      get keyRing(): KeyRing {
        throw new Error('nothing must be decrypted');
      },
    };
    expect(await pass(key, gate, { keys: noKeys })).toBeUndefined();
    expect(await conditionOf(key, 'Ready')).toMatchObject({ reason: 'Unsealed' });
    expect((await scene.secret(key))?.metadata.resourceVersion).toBe(resourceVersion);
    expect(gate.counts()).toEqual([]);
  });
  it('uses what is not signed while the list cannot be used', async () => {
    const key = await scene.store(await keys.sign('ann', await seal()));
    signers = undefined;
    expect(await pass(key, gate)).toBeUndefined();
    expect(await conditionOf(key, 'Ready')).toMatchObject({
      reason: 'SignerRequired',
      message: expect.stringContaining('the file of allowed signers cannot be used'),
    });
  });
});
