import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ApiObject } from '../support/api/types.ts';
import { asList, asYaml, keySecrets } from '../support/cluster/key-secret.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { type Both, startBoth } from './both.ts';
import { outputOf } from './programs.ts';

const problem = peerProblem();
const CROSSED = [
  ['upstream', 'ours'],
  ['ours', 'upstream'],
] as const;
type Who = 'ours' | 'upstream';

describe.skipIf(problem !== undefined)(
  `kubeseal's modes against the other's controller (${problem ?? 'both run'})`,
  () => {
    let both: Both;
    beforeAll(async () => {
      both = await startBoth();
    });
    afterAll(() => both?.end());

    const secret = (namespace: string, template = '') =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'db', namespace, labels: { app: 'shop' } },
        stringData: { password: 's3cret', user: 'ann', empty: '', ...(template && { template }) },
      });
    const data = { password: btoa('s3cret'), user: btoa('ann') };
    /** Sealed for the older key of both controllers. */
    const sealedLongAgo = async (namespace: string, sealer: Who = 'upstream', format = 'json') => {
      const cert = await both.file('old.crt', both.oldCertificate);
      const args = ['--cert', cert, '--format', format];
      return outputOf(both.run[sealer](args, { stdin: secret(namespace) }));
    };
    /** The key Secret that a controller generated, and all that it has. */
    const keysOf = async (controller: Who) => {
      const all = await keySecrets(both.worlds[controller].client, both.worlds[controller].home);
      const newest = all.find(({ metadata }) => metadata.name !== 'key-a');
      if (!newest) throw new Error('the controller generated no key');
      return { all, newest };
    };
    const openOffline = async (opener: Who, sealed: string, keyFile: string) => {
      const args = ['--recovery-unseal', '--recovery-private-key', keyFile];
      return JSON.parse(await outputOf(both.run[opener](args, { stdin: sealed }))) as ApiObject;
    };

    describe.each(CROSSED)('kubeseal of %s, controller of %s', (kubeseal, controller) => {
      it('--fetch-cert prints the very bytes that the controller serves', async () => {
        const printed = await outputOf(both.online(kubeseal, controller, ['--fetch-cert']));
        expect(printed).toBe(both.certificates[controller]);
        expect(await outputOf(both.online(controller, controller, ['--fetch-cert']))).toBe(printed);
      });

      it('--validate says nothing about what the controller can open, under an older key too', async () => {
        const fresh = await outputOf(both.online(kubeseal, controller, [], secret('any')));
        for (const sealed of [fresh, await sealedLongAgo('any')]) {
          const run = await both.online(kubeseal, controller, ['--validate'], sealed);
          expect(run).toEqual({ code: 0, stdout: '', stderr: '' });
        }
      });

      it('--validate fails for what was moved to another namespace', async () => {
        const sealed = JSON.parse(await sealedLongAgo('any')) as ApiObject;
        sealed.metadata.namespace = 'other';
        const run = await both.online(kubeseal, controller, ['--validate'], JSON.stringify(sealed));
        expect(run).toMatchObject({ code: 1, stdout: '' });
        expect(run.stderr.split('\n')[0]).toBe('error: unable to decrypt sealed secret: db');
      });

      it('--re-encrypt seals for the newest key and keeps the values', async () => {
        const before = await sealedLongAgo('any');
        const after = await outputOf(both.online(kubeseal, controller, ['--re-encrypt'], before));
        const { newest } = await keysOf(controller);
        const keyFile = await both.file('newest.yaml', asYaml(newest));
        const opened = await openOffline('upstream', after, keyFile);
        expect(opened['data']).toEqual({ ...data, empty: null });
        expect(opened.metadata.labels).toEqual({ app: 'shop' });
        const refusal = both.run.upstream(['--recovery-unseal', '--recovery-private-key', keyFile], {
          stdin: before,
        });
        expect(await refusal).toMatchObject({ code: 1 }); // the newest key alone did not open it before
      });

      it('--re-encrypt -f replaces the file by one that the controller unseals in the cluster', async () => {
        const namespace = both.namespaces[controller];
        const file = await both.file(`${kubeseal}.yaml`, await sealedLongAgo(namespace, kubeseal, 'yaml'));
        const { stdout } = await both.online(kubeseal, controller, ['--re-encrypt', '-f', file]);
        expect(stdout).toBe('');
        await both.worlds[controller].apply(parse(await readFile(file, 'utf8')) as ApiObject);
        const unsealed = await both.worlds[controller].untilUnsealed(namespace, 'db');
        expect(unsealed['data']).toEqual({ ...data, empty: '' });
      });

      it('--re-encrypt fails for what the controller cannot open, and leaves the file as it is', async () => {
        const text = (await sealedLongAgo('any')).replaceAll('"any"', '"other"');
        const file = await both.file('moved.json', text);
        const run = await both.online(kubeseal, controller, ['--re-encrypt', '-f', file]);
        expect(run).toMatchObject({ code: 1, stdout: '' });
        expect(run.stderr).toMatch(/^error: cannot re-encrypt secret: /);
        expect(await readFile(file, 'utf8')).toBe(text);
      });

      it('--raw gives a value that the controller opens in a hand-written SealedSecret', async () => {
        const namespace = both.namespaces[controller];
        const args = ['--raw', '--namespace', namespace, '--name', 'raw'];
        const sealed = await outputOf(both.online(kubeseal, controller, args, 'grün\n'));
        await both.worlds[controller].apply({
          apiVersion: 'bitnami.com/v1alpha1',
          kind: 'SealedSecret',
          metadata: { name: 'raw', namespace },
          spec: { encryptedData: { value: sealed } },
        });
        const unsealed = await both.worlds[controller].untilUnsealed(namespace, 'raw');
        expect(unsealed['data']).toEqual({ value: Buffer.from('grün\n').toString('base64') });
      });

      it('--merge-into adds an item that the controller opens beside the old ones', async () => {
        const namespace = both.namespaces[controller];
        const seal = both.online(kubeseal, controller, [], secret(namespace).replace('"db"', '"merged"'));
        const file = await both.file('merged.json', await outputOf(seal));
        const addition = {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'x' },
          stringData: { more: 'm' },
        };
        const args = ['--merge-into', file, '--namespace', namespace];
        await outputOf(both.online(kubeseal, controller, args, JSON.stringify(addition)));
        await both.worlds[controller].apply(JSON.parse(await readFile(file, 'utf8')) as ApiObject);
        const unsealed = await both.worlds[controller].untilUnsealed(namespace, 'merged');
        expect(unsealed['data']).toEqual({ ...data, empty: '', more: btoa('m') });
      });

      describe('--recovery-unseal with the key Secrets of the controller', () => {
        const forms = [
          ['as kubectl get -o yaml prints one', ({ newest }: { newest: ApiObject }) => asYaml(newest)],
          ['as kubectl get -l ... -o yaml prints all', ({ all }: { all: ApiObject[] }) => asList(all)],
          ['as a stream of YAML documents', ({ all }: { all: ApiObject[] }) => all.map(asYaml).join('---\n')],
          ['as JSON', ({ newest }: { newest: ApiObject }) => JSON.stringify(newest)],
          ['as bare PEM', ({ newest }: { newest: ApiObject }) => atob(keyTextOf(newest))],
        ] as const;
        it.each(forms)('%s', async (_form, textOf) => {
          const keyFile = await both.file('backup', textOf(await keysOf(controller)));
          for (const sealer of ['ours', 'upstream'] as const) {
            const args = ['--cert', both.certFiles[controller]];
            const sealed = await outputOf(both.run[sealer](args, { stdin: secret('any') }));
            const opened = await openOffline(kubeseal, sealed, keyFile);
            expect(opened).toMatchObject({ kind: 'Secret', metadata: { name: 'db', namespace: 'any' } });
            expect(opened['data']).toEqual({ ...data, empty: null });
          }
        });
      });
    });

    it.each([['ours'], ['upstream']] as const)(
      '--re-encrypt prints the same with both kubeseals but for values, controller of %s',
      async (controller) => {
        const sealed = await sealedLongAgo('any');
        const [ours, upstreams] = await Promise.all(
          (['ours', 'upstream'] as const).map(async (kubeseal) => {
            const text = await outputOf(both.online(kubeseal, controller, ['--re-encrypt'], sealed));
            // v0.27.1 prints the time that is not there; newer ones do not
            return text
              .replaceAll(/"A[gQ][\w+/]+=*"/g, '"sealed"')
              .replaceAll(/,?\n *"creationTimestamp": null(,?)/g, '$1');
          }),
        );
        expect(ours).toBe(upstreams);
      },
    );

    it('--recovery-unseal opens what either key of a List sealed', async () => {
      const { all } = await keysOf('ours');
      const keyFile = await both.file('all.yaml', asList(all));
      for (const opener of ['ours', 'upstream'] as const) {
        const opened = await openOffline(opener, await sealedLongAgo('any'), keyFile);
        expect(opened['data']).toEqual({ ...data, empty: null });
      }
    });
  },
);

function keyTextOf(secret: ApiObject): string {
  return (secret['data'] as Record<string, string>)['tls.key'] ?? '';
}
