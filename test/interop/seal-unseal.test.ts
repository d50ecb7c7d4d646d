import type { Secret } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ApiObject } from '../support/api/types.ts';
import { seal } from '../support/cluster/sealing.ts';
import { syncedOf } from '../support/objects.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { type Both, startBoth } from './both.ts';
import { outputOf } from './programs.ts';
import { inputOf, openedOf, SAMPLES, type Sample } from './samples.ts';

/** One way of sealing. */
type Sealer = (sample: Sample, secret: Secret) => Promise<ApiObject>;

const problem = peerProblem();

describe.skipIf(problem !== undefined)(
  `sealing and unsealing beside upstream (${problem ?? 'both run'})`,
  () => {
    let both: Both;
    beforeAll(async () => {
      both = await startBoth();
    });
    afterAll(() => both?.end());

    const scopeArgs = ({ scope }: Sample) => (scope ? ['--scope', scope] : []);
    const online =
      (sealer: 'ours' | 'upstream', controller: 'ours' | 'upstream'): Sealer =>
      async (sample, secret) => {
        const run = both.online(sealer, controller, scopeArgs(sample), JSON.stringify(secret));
        return JSON.parse(await outputOf(run)) as ApiObject;
      };
    const offline =
      (sealer: 'ours' | 'upstream', controller: 'ours' | 'upstream'): Sealer =>
      async (sample, secret) => {
        const args = ['--cert', both.certFiles[controller], '--format', 'yaml', ...scopeArgs(sample)];
        return parse(await outputOf(both.run[sealer](args, { stdin: JSON.stringify(secret) }))) as ApiObject;
      };
    const crypto: Sealer = ({ scope }, secret) => seal(both.certificates.upstream, secret, scope);

    const few = SAMPLES.slice(0, 4); // every way the label is chosen
    const roads = [
      {
        by: "upstream's kubeseal, certificate from our controller",
        to: 'ours',
        road: 'u-online',
        samples: few,
        sealWith: online('upstream', 'ours'),
      },
      {
        by: "upstream's kubeseal, offline",
        to: 'ours',
        road: 'u-offline',
        samples: SAMPLES,
        sealWith: offline('upstream', 'ours'),
      },
      {
        by: "our kubeseal, certificate from upstream's controller",
        to: 'upstream',
        road: 'o-online',
        samples: few,
        sealWith: online('ours', 'upstream'),
      },
      {
        by: 'our kubeseal, offline',
        to: 'upstream',
        road: 'o-offline',
        samples: SAMPLES,
        sealWith: offline('ours', 'upstream'),
      },
      { by: 'crypto-core', to: 'upstream', road: 'core', samples: few, sealWith: crypto },
    ] as const;

    describe.each(roads)(
      'sealed by $by, unsealed by the controller of $to',
      ({ to, road, samples, sealWith }) => {
        it.concurrent.each(samples)('$title', async (sample) => {
          const metadata = { name: `${road}-${sample.name}`, namespace: both.namespaces[to] };
          await both.worlds[to].apply(await sealWith(sample, inputOf(sample, metadata)));
          const secret = await both.worlds[to].untilUnsealed(metadata.namespace, metadata.name);
          const { data, ...rest } = openedOf(sample);
          expect(secret).toMatchObject(rest);
          expect(secret['data']).toEqual(data);
        });
      },
    );

    it.each([
      ['upstream', 'ours'],
      ['ours', 'upstream'],
    ] as const)(
      'what kubeseal of %s sealed strictly opens under no other name with the controller of %s',
      async (sealer, controller) => {
        const namespace = both.namespaces[controller];
        const secret = inputOf(SAMPLES[0] as Sample, { name: 'here', namespace });
        const sealed = await offline(sealer, controller)(SAMPLES[0] as Sample, secret);
        await both.worlds[controller].apply({ ...sealed, metadata: { ...sealed.metadata, name: 'there' } });
        const { conditions } = await both.worlds[controller].untilObserved(namespace, 'there');
        expect(syncedOf(conditions)).toMatchObject({
          status: 'False',
          message: 'no key could decrypt secret (password)',
        });
        expect(await both.worlds[controller].secret(namespace, 'there')).toBeUndefined();
      },
    );
  },
);
