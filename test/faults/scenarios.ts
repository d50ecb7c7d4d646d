// Over 200 lines: one table of scenarios.
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import type { Scene } from '../support/scene.ts';
import { eventually } from '../support/time/eventually.ts';
import type { WorldOptions } from '../support/world.ts';

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
  /** Set where the scenario changes keys or flags, and so needs a world of its own. */
  readonly world?: WorldOptions;
  /** The controller is started by the first step. */
  readonly isUnstarted?: boolean;
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
    await scene.sealAndApply(V1);
    await scene.untilInSync(V1);
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
        await scene.sealAndApply(V2, { labels: { team: 'blue' } });
        await scene.untilInSync(V2);
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
        const { metadata, ...rest } = await scene.seal(V1, {}, { scope: 'cluster-wide' });
        const { annotations: _annotations, ...plain } = metadata;
        await scene.apply({ ...rest, metadata: plain });
        await scene.untilRefused('NoKeyOpensValue');
      },
      writes: REFUSED,
    },
    {
      play: async (scene) => {
        await scene.sealAndApply(V1, {}, { scope: 'cluster-wide' });
        await scene.untilInSync(V1);
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
        await scene.deleteSealedSecret();
        await scene.untilGone();
        await scene.sealAndApply(V2);
        await scene.untilInSync(V2);
      },
      writes: CREATED,
    },
  ],
};

const drift: Scenario = {
  title: 'a Secret is deleted, then changed by something else',
  steps: [
    setUp,
    {
      play: async (scene) => {
        await scene.deleteSecret();
        await scene.untilInSync(V1);
      },
      writes: ['ADDED Secret db', 'MODIFIED Event db', 'MODIFIED SealedSecret db'],
    },
    {
      play: async (scene) => {
        await scene.editSecret({ data: { user: btoa('you') } });
        await scene.untilInSync(V1);
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
        await scene.createSecret({ mine: 'x' });
        await scene.sealAndApply(V1);
        await scene.untilRefused('NotOwned');
      },
      writes: REFUSED,
    },
    {
      play: async (scene) => {
        const annotations = { 'sealedsecrets.bitnami.com/managed': 'true' };
        await scene.editSecret({ metadata: { annotations } });
        await scene.untilInSync(V1);
      },
      writes: ['ADDED Event db', 'MODIFIED Secret db', 'MODIFIED SealedSecret db'],
    },
  ],
};

const deletion: Scenario = {
  title: 'a SealedSecret is deleted with --old-gc-behavior',
  world: { args: ['--old-gc-behavior'] },
  isGarbageKept: true,
  steps: [
    setUp,
    {
      play: async (scene) => {
        await scene.deleteSealedSecret();
        await scene.untilGone();
      },
      writes: ['DELETED Secret db'],
    },
  ],
};

const firstKey: Scenario = {
  title: 'the first key is made',
  world: { key: false },
  isUnstarted: true,
  steps: [
    {
      play: async ({ world }) => {
        void world.start().catch(() => undefined); // it may be killed before it is ready
        await eventually('the first key', async () => (await world.keySecrets()).length > 0 || undefined);
      },
      writes: FIRST_KEY,
    },
  ],
};

const cutoff: Scenario = {
  title: 'a key that is too old gets a successor',
  isUnstarted: true,
  world: {
    args: [`--key-cutoff-time=${rfc1123z(new Date(Date.now() - DAY_MS))}`],
  },
  steps: [
    {
      play: async ({ world }) => {
        void world.start().catch(() => undefined);
        await eventually('the second key', async () => (await world.keySecrets()).length === 2 || undefined);
      },
      writes: FIRST_KEY,
    },
    setUp,
  ],
};

const order: Scenario = {
  title: 'a key is ordered with SIGUSR1',
  world: {},
  steps: [
    {
      play: async ({ world }) => {
        await world.controller.signal('SIGUSR1');
        await eventually('the second key', async () => (await world.keySecrets()).length === 2 || undefined);
      },
      writes: ['ADDED Secret key'],
    },
    setUp,
  ],
};

const missingKey: Scenario = {
  title: 'a missing key is restored',
  world: {},
  steps: [
    {
      play: async (scene) => {
        const { certificatePem: certificate } = await testKey('b', 20);
        await scene.sealAndApply(V1, {}, { certificate });
        await scene.untilRefused('NoKeyOpensValue');
      },
      writes: REFUSED,
      isSetup: true,
    },
    {
      play: async (scene) => {
        const { client, home } = scene.world;
        await storeKey(client, home, { key: await testKey('b', 20), name: 'key-b' });
        await scene.untilInSync(V1);
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
