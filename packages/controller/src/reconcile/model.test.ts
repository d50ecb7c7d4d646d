import { generateKeyPair, type KeyPair, KeyRing, type Secret } from '@fuin/crypto-core';
import { type KubeObject, type ObjectKey, SECRETS } from '@fuin/kube/client';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';
import { eventually } from '../../../../test/support/time/eventually.ts';
import type { ReconcileDeps } from './reconcile.ts';
import { Repairs } from './repairs.ts';
import type { SecretStore } from './secret/secret-store.ts';
import { LastUnseals } from './status/last-unseal.ts';
import { SEALED_SECRETS } from './status/status-writer.ts';

type Texts = Readonly<Record<string, string>>;

/** What must be true of one SealedSecret and its Secret, whatever happened before. */
interface Model {
  sealed?: { readonly texts: Texts; readonly key: 'first' | 'second' };
  secret?: { readonly texts: Texts; readonly isOurs: boolean };
  hasSecondKey: boolean;
  hasWebhook: boolean;
  leader: number;
}

/** The same on a real API server, with two controllers that share nothing but that server. */
interface Real {
  readonly key: ObjectKey;
  readonly keys: Readonly<Record<'first' | 'second', KeyPair>>;
  readonly controllers: readonly [Memory, Memory];
}

type Memory = Pick<ReconcileDeps, 'lastUnseals' | 'repairs'>;

/** Number of histories; more by hand: FUIN_MODEL_RUNS=2000. */
const RUNS = { numRuns: Number(process.env['FUIN_MODEL_RUNS'] ?? 60) };

let scene: Scene;
let namespace: string;
let second: KeyPair;
useScene((held) => {
  ({ scene, namespace } = held);
});
beforeAll(async () => {
  second = await generateKeyPair(2048);
});

const found = async ({ key }: Real) => (await scene.texts(key)) ?? 'absent';
const expected = ({ secret }: Model) => secret?.texts ?? 'absent';
const versionsOf = async ({ key }: Real) => [
  (await scene.secret(key))?.metadata.resourceVersion,
  (await scene.stored(key)).metadata.resourceVersion,
];

/** An author seals other values, for the key that is always there or for the one that comes and goes. */
class Seal implements fc.AsyncCommand<Model, Real> {
  readonly #texts: Texts;
  readonly #for: 'first' | 'second';
  constructor(texts: Texts, recipient: 'first' | 'second') {
    this.#texts = texts;
    this.#for = recipient;
  }
  check = () => true;
  async run(model: Model, { key, keys }: Real): Promise<void> {
    await scene.store(await scene.seal(key, this.#texts, undefined, keys[this.#for]));
    model.sealed = { texts: this.#texts, key: this.#for };
  }
  toString = () => `seal(${JSON.stringify(this.#texts)}, ${this.#for})`;
}

/** The SealedSecret is deleted; the garbage collector deletes the Secret that it owns. */
class Unapply implements fc.AsyncCommand<Model, Real> {
  check = (model: Readonly<Model>) => model.sealed !== undefined;
  async run(model: Model, real: Real): Promise<void> {
    await scene.api.delete(SEALED_SECRETS, real.key);
    delete model.sealed;
    if (!model.secret?.isOurs) return;
    await eventually('the end of the Secret', async () =>
      (await scene.secret(real.key)) ? undefined : true,
    );
    delete model.secret;
  }
  toString = () => 'delete SealedSecret';
}

/** Something else changes a value of the Secret. */
class Edit implements fc.AsyncCommand<Model, Real> {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  check = (model: Readonly<Model>) => model.secret !== undefined;
  async run(model: Model, { key }: Real): Promise<void> {
    if (!model.secret) return;
    await scene.editSecret(key, { data: { a: btoa(this.#text) } });
    model.secret = { ...model.secret, texts: { ...model.secret.texts, a: this.#text } };
  }
  toString = () => `edit(${this.#text})`;
}

/** Something else deletes the Secret. */
class Remove implements fc.AsyncCommand<Model, Real> {
  check = (model: Readonly<Model>) => model.secret !== undefined;
  async run(model: Model, { key }: Real): Promise<void> {
    await scene.api.delete(SECRETS, key);
    delete model.secret;
  }
  toString = () => 'delete Secret';
}

/** A person creates a Secret of this name. */
class CreateByHand implements fc.AsyncCommand<Model, Real> {
  check = (model: Readonly<Model>) => model.secret === undefined;
  async run(model: Model, { key }: Real): Promise<void> {
    await scene.createByHand({ metadata: { ...key }, data: { a: btoa('by hand') } } as KubeObject);
    model.secret = { texts: { a: 'by hand' }, isOurs: false };
  }
  toString = () => 'create by hand';
}

/** The second key is added to the ring, or taken out. */
class SwitchKey implements fc.AsyncCommand<Model, Real> {
  check = () => true;
  async run(model: Model): Promise<void> {
    model.hasSecondKey = !model.hasSecondKey;
  }
  toString = () => 'switch key';
}

/** From now on a webhook adds a label and an item to each Secret that is written, or no longer does. */
class SwitchWebhook implements fc.AsyncCommand<Model, Real> {
  check = () => true;
  async run(model: Model): Promise<void> {
    model.hasWebhook = !model.hasWebhook;
  }
  toString = () => 'switch webhook';
}

/** One of the controllers reconciles; the other one is a leader of the past, or of the future. */
class Reconcile implements fc.AsyncCommand<Model, Real> {
  readonly #by: 0 | 1;
  constructor(by: 0 | 1) {
    this.#by = by;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const { first, second: other } = real.keys;
    const keys = { keyRing: KeyRing.of(first, ...(model.hasSecondKey ? [other] : [])) };
    const { secrets: store } = scene.deps;
    const secrets = model.hasWebhook ? withWebhook(store) : store;
    const overrides = { ...real.controllers[this.#by], keys, secrets };
    if (model.leader !== this.#by) overrides.lastUnseals.beginTerm();
    model.leader = this.#by;
    const reconcileOnce = () => scene.pass(real.key, overrides);
    const failure = await reconcileOnce();
    const outcome = outcomeOf(model, failure);
    if (outcome === 'written' && model.sealed) {
      const texts = await scene.texts(real.key);
      const added = texts?.['webhook'] === undefined ? {} : { webhook: 'w' };
      model.secret = { texts: { ...model.sealed.texts, ...added }, isOurs: true };
    }
    expect(await found(real)).toEqual(expected(model));
    if (model.sealed)
      expect(await scene.synced(real.key)).toMatch(failure ? /^Synced False/ : /^Synced True/);
    // a second look at the same world writes nothing
    const before = await versionsOf(real);
    expect(await reconcileOnce()).toBe(failure);
    expect(await versionsOf(real)).toEqual(before);
  }
  toString = () => `reconcile(${this.#by})`;
}

/** What a reconcile must have done, given how it ended. */
function outcomeOf(
  { sealed, secret, hasSecondKey }: Model,
  failure: string | undefined,
): 'written' | 'nothing' {
  if (!sealed) {
    expect(failure).toBeUndefined();
    return 'nothing';
  }
  const canOpen = sealed.key === 'first' || hasSecondKey || Object.keys(sealed.texts).length === 0;
  if (!canOpen) {
    // without the key: only what was applied before, and is still there, counts as in sync
    if (failure) expect(failure).toBe('ERR_NO_KEY_OPENS_VALUE');
    return 'nothing';
  }
  if (!secret || secret.isOurs) expect(failure).toBeUndefined();
  else expect(failure).toBe('ERR_SECRET_NOT_OWNED');
  return failure ? 'nothing' : 'written';
}

function withWebhook(store: SecretStore): SecretStore {
  const mutated = (secret: Secret): Secret => ({
    ...secret,
    metadata: { ...secret.metadata, labels: { ...secret.metadata.labels, webhook: 'w' } },
    data: { ...secret.data, webhook: btoa('w') },
  });
  return {
    ...store,
    create: (secret) => store.create(mutated(secret)),
    replace: (secret) => store.replace(mutated(secret)),
  };
}

const items = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', ''), { maxKeys: 2 });
const steps = fc.commands(
  [
    fc.tuple(items, fc.constantFrom('first', 'second')).map(([texts, key]) => new Seal(texts, key)),
    fc.constantFrom('x', 'y', 'z').map((text) => new Edit(text)),
    ...[new Unapply(), new Remove(), new CreateByHand(), new SwitchKey(), new SwitchWebhook()].map(
      fc.constant,
    ),
    fc.constantFrom(0, 1).map((by) => new Reconcile(by as 0 | 1)),
    fc.constantFrom(0, 1).map((by) => new Reconcile(by as 0 | 1)),
  ],
  { maxCommands: 25, size: 'max' }, // long histories too
);

describe('any history of authors, other writers, keys, webhooks and two controllers', () => {
  it('ends as a model of it says: the values in the Secret, or the Secret as it was and a reason', async () => {
    let histories = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (commands) => {
        histories += 1;
        const controller = () => ({
          lastUnseals: new LastUnseals(),
          repairs: new Repairs(() => performance.now()),
        });
        const real: Real = {
          key: { namespace, name: `model-${histories}` },
          keys: { first: scene.keyPair, second },
          controllers: [controller(), controller()],
        };
        await fc.asyncModelRun(
          () => ({ model: { hasSecondKey: false, hasWebhook: false, leader: 0 }, real }),
          commands,
        );
      }),
      RUNS,
    );
  });
});
