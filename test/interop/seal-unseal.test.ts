import type { Secret } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ApiObject } from '../support/api-client.ts';
import { peerProblem } from '../support/peer.ts';
import { type Arena, openArena } from './arena.ts';
import { outputOf } from './programs.ts';
import { inputOf, openedOf, SAMPLES, type Sample } from './samples.ts';
import { seal } from './sealing.ts';
import { syncedOf } from './stage.ts';

/** One way of sealing. */
type Sealer = (sample: Sample, secret: Secret) => Promise<ApiObject>;

const problem = peerProblem();

describe.skipIf(problem !== undefined)(
  `sealing and unsealing beside upstream (${problem ?? 'both run'})`,
  () => {
    let arena: Arena;
    beforeAll(async () => {
      arena = await openArena();
    });
    afterAll(() => arena?.close());

    const scopeArgs = ({ scope }: Sample) => (scope ? ['--scope', scope] : []);
    const online =
      (sealer: 'ours' | 'upstream', controller: 'ours' | 'upstream'): Sealer =>
      async (sample, secret) => {
        const run = arena.online(sealer, controller, scopeArgs(sample), JSON.stringify(secret));
        return JSON.parse(await outputOf(run)) as ApiObject;
      };
    const offline =
      (sealer: 'ours' | 'upstream', controller: 'ours' | 'upstream'): Sealer =>
      async (sample, secret) => {
        const args = ['--cert', arena.certFiles[controller], '--format', 'yaml', ...scopeArgs(sample)];
        return parse(await outputOf(arena.run[sealer](args, { stdin: JSON.stringify(secret) }))) as ApiObject;
      };
    const crypto: Sealer = ({ scope }, secret) => seal(arena.certificates.upstream, secret, scope);

    const roads = [
      [
        "upstream's kubeseal, certificate from our controller",
        'ours',
        'u-online',
        online('upstream', 'ours'),
      ],
      ["upstream's kubeseal, offline", 'ours', 'u-offline', offline('upstream', 'ours')],
      [
        "our kubeseal, certificate from upstream's controller",
        'upstream',
        'o-online',
        online('ours', 'upstream'),
      ],
      ['our kubeseal, offline', 'upstream', 'o-offline', offline('ours', 'upstream')],
      ['crypto-core', 'upstream', 'core', crypto],
    ] as const;

    describe.each(roads)(
      'sealed by %s, unsealed by the controller of %s',
      (_road, controller, prefix, sealWith) => {
        it.concurrent.each(SAMPLES)('$title', async (sample) => {
          const metadata = { name: `${prefix}-${sample.name}`, namespace: arena.namespaces[controller] };
          await arena.stage.apply(await sealWith(sample, inputOf(sample, metadata)));
          const secret = await arena.stage.untilUnsealed(metadata.namespace, metadata.name);
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
        const namespace = arena.namespaces[controller];
        const secret = inputOf(SAMPLES[0] as Sample, { name: 'here', namespace });
        const sealed = await offline(sealer, controller)(SAMPLES[0] as Sample, secret);
        await arena.stage.apply({ ...sealed, metadata: { ...sealed.metadata, name: 'there' } });
        const { conditions } = await arena.stage.untilObserved(namespace, 'there');
        expect(syncedOf(conditions)).toMatchObject({
          status: 'False',
          message: 'no key could decrypt secret (password)',
        });
        expect(await arena.stage.secret(namespace, 'there')).toBeUndefined();
      },
    );
  },
);
