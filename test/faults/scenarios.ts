// Over 200 lines: one table of scenarios.
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import type { Scene } from '../support/faults/scene.ts';
import type { StageOptions } from '../support/faults/stage.ts';
import { eventually } from '../support/time/eventually.ts';

/** Something that people do, and what the controller writes in answer to it when nothing goes wrong. */
export interface Step {
  /** Acts, and waits until the outcome is there. */
  readonly play: (scene: Scene) => Promise<void>;
  readonly writes: readonly string[];
  /** Only there to prepare what follows; its writes are another scenario's subject. */
  readonly isSetup?: boolean;
}

/** A piece of the controller's work. */
export interface Scenario {
  readonly title: string;
  readonly steps: readonly Step[];
  /** Set where the scenario changes keys or flags, and so needs a stage of its own. */
  readonly stage?: StageOptions;
  /** The garbage collector is switched off. */
  readonly isGarbageKept?: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const V1 = { password: 's3cret', user: 'me' };
const V2 = { password: 'n3w' };
const CREATED = ['ADDED Event db', 'ADDED Secret db', 'MODIFIED SealedSecret db'];
const CHANGED = ['MODIFIED Event db', 'MODIFIED Secret db', 'MODIFIED SealedSecret db'];
const FIRST_KEY = ['ADDED Lease sealed-secrets-controller', 'ADDED Secret key'];
const REFUSED = ['ADDED Event db', 'MODIFIED SealedSecret db'];

const created: Step = {
  play: async (scene) => {
    await scene.sealAndApply('db', { texts: V1 });
    await scene.untilInLine('db', V1);
  },
  writes: CREATED,
};
const setUp: Step = { ...created, isSetup: true };

const creation: Scenario = { title: 'a SealedSecret is created', steps: [created] };

const change: Scenario = {
  title: 'a SealedSecret is changed',
  steps: [
    setUp,
    {
      play: async (scene) => {
        await scene.sealAndApply('db', { texts: V2, labels: { team: 'blue' } });
        await scene.untilInLine('db', V2);
      },
      writes: CHANGED,
    },
  ],
};

const correction: Scenario = {
  title: 'a wrong scope is reported and corrected',
  steps: [
    {
      play: async (scene) => {
        const { metadata, ...rest } = await scene.seal('db', { texts: V1, scope: 'cluster-wide' });
        const { annotations: _annotations, ...plain } = metadata;
        await scene.apply({ ...rest, metadata: plain });
        await scene.untilRefused('db', 'NoKeyOpensValue');
      },
      writes: REFUSED,
    },
    {
      play: async (scene) => {
        await scene.sealAndApply('db', { texts: V1, scope: 'cluster-wide' });
        await scene.untilInLine('db', V1);
      },
      writes: CREATED,
    },
  ],
};

const recreation: Scenario = {
  title: 'a SealedSecret is deleted and created again',
  steps: [
    setUp,
    {
      play: async (scene) => {
        await scene.deleteSealedSecret('db');
        await scene.untilGone('db');
        await scene.sealAndApply('db', { texts: V2 });
        await scene.untilInLine('db', V2);
      },
      writes: CREATED,
    },
  ],
};

const drift: Scenario = {
  title: 'a Secret is deleted, then changed by another hand',
  steps: [
    setUp,
    {
      play: async (scene) => {
        await scene.stage.client.delete(scene.secretPath('db'));
        await scene.untilInLine('db', V1);
      },
      writes: ['ADDED Secret db', 'MODIFIED Event db', 'MODIFIED SealedSecret db'],
    },
    {
      play: async (scene) => {
        await scene.stage.client.patch(scene.secretPath('db'), 'merge', { data: { user: btoa('you') } });
        await scene.untilInLine('db', V1);
      },
      writes: ['ADDED Event db', ...CHANGED],
    },
  ],
};

const adoption: Scenario = {
  title: 'a foreign Secret is left alone, then handed over',
  steps: [
    {
      play: async (scene) => {
        const secret = { metadata: { name: 'db' }, stringData: { mine: 'x' } };
        await scene.stage.client.create(scene.secretsPath, secret);
        await scene.sealAndApply('db', { texts: V1 });
        await scene.untilRefused('db', 'NotOwned');
      },
      writes: REFUSED,
    },
    {
      play: async (scene) => {
        const annotations = { 'sealedsecrets.bitnami.com/managed': 'true' };
        await scene.stage.client.patch(scene.secretPath('db'), 'merge', { metadata: { annotations } });
        await scene.untilInLine('db', V1);
      },
      writes: ['ADDED Event db', 'MODIFIED Secret db', 'MODIFIED SealedSecret db'],
    },
  ],
};

const deletion: Scenario = {
  title: 'a SealedSecret is deleted with --old-gc-behavior',
  stage: { args: ['--old-gc-behavior'] },
  isGarbageKept: true,
  steps: [
    setUp,
    {
      play: async (scene) => {
        await scene.deleteSealedSecret('db');
        await scene.untilGone('db');
      },
      writes: ['DELETED Secret db'],
    },
  ],
};

const firstKey: Scenario = {
  title: 'the first key is made',
  stage: { hasKey: false, isStarted: false },
  steps: [
    {
      play: async ({ stage }) => {
        void stage.start().catch(() => undefined); // it may be killed before it is ready
        await eventually('the first key', async () => (await stage.countKeys()) > 0 || undefined);
      },
      writes: FIRST_KEY,
    },
  ],
};

const cutoff: Scenario = {
  title: 'a key that is too old gets a successor',
  stage: {
    isStarted: false,
    args: [`--key-cutoff-time=${rfc1123z(new Date(Date.now() - DAY_MS))}`],
  },
  steps: [
    {
      play: async ({ stage }) => {
        void stage.start().catch(() => undefined);
        await eventually('the second key', async () => (await stage.countKeys()) === 2 || undefined);
      },
      writes: FIRST_KEY,
    },
    setUp,
  ],
};

const order: Scenario = {
  title: 'a key is ordered with SIGUSR1',
  stage: {},
  steps: [
    {
      play: async ({ stage }) => {
        await stage.controller.signal('SIGUSR1');
        await eventually('the second key', async () => (await stage.countKeys()) === 2 || undefined);
      },
      writes: ['ADDED Secret key'],
    },
    setUp,
  ],
};

const missingKey: Scenario = {
  title: 'a missing key is restored',
  stage: {},
  steps: [
    {
      play: async (scene) => {
        const { certificatePem: certificate } = await testKey('b', 20);
        await scene.sealAndApply('db', { texts: V1, certificate });
        await scene.untilRefused('db', 'NoKeyOpensValue');
      },
      writes: REFUSED,
      isSetup: true,
    },
    {
      play: async (scene) => {
        const { client, home } = scene.stage;
        await storeKey(client, home, { key: await testKey('b', 20), name: 'key-b' });
        await scene.untilInLine('db', V1);
      },
      writes: CREATED,
    },
  ],
};

/** What the controller does for people, piece by piece. */
export const SCENARIOS: readonly Scenario[] = [
  creation,
  change,
  correction,
  recreation,
  drift,
  adoption,
  deletion,
  firstKey,
  cutoff,
  order,
  missingKey,
];

function rfc1123z(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}
