import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ApiObject } from '../support/api/types.ts';
import { sealTexts } from '../support/cluster/sealing.ts';
import { eventually } from '../support/time/eventually.ts';
import { healthProgram } from '../support/tools/guide-tools.ts';
import { readVector } from '../vectors/read.ts';
import { guideBlock } from './guide-block.ts';
import { readObjects, useGuideWorld } from './guide-world.ts';

interface Customization {
  readonly 'discovery.lua': string;
  readonly definitions: readonly { readonly name: string; readonly 'action.lua': string }[];
}
interface Acted {
  readonly actions: Readonly<Record<string, { readonly disabled: boolean }>>;
  readonly object: ApiObject;
}

const ENTRY = 'resource.customizations.actions.bitnami.com_SealedSecret';
const PATH = '/apis/bitnami.com/v1alpha1/namespaces/action/sealedsecrets/db';
const holder = useGuideWorld();
const [config] = await readObjects('examples', 'argo-cd', 'argocd-cm.yaml');
const data = config?.['data'] as Readonly<Record<string, string>>;
const customization = parse(data[ENTRY] ?? '') as Customization;

/** What Argo CD offers for an object, and makes of it when somebody chooses the action. */
async function act(object: ApiObject): Promise<Acted> {
  const [definition] = customization.definitions;
  const question = {
    argoDiscovery: customization['discovery.lua'],
    argoAction: definition?.['action.lua'],
    objects: [object],
  };
  const child = spawn(healthProgram(), { timeout: 30_000 });
  child.stdin.end(JSON.stringify(question));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (stderr !== '') throw new Error(stderr);
  const [acted] = JSON.parse(stdout) as Acted[];
  if (!acted) throw new Error('no answer');
  return acted;
}

const isSynced = ({ status }: ApiObject): boolean | undefined => {
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  const synced = conditions.find(({ type }) => type === 'Synced');
  return synced && synced.status === 'True';
};

describe('the action of examples/argo-cd/argocd-cm.yaml', () => {
  beforeAll(async () => {
    const { world } = holder;
    await world.client.create('/api/v1/namespaces', { kind: 'Namespace', metadata: { name: 'action' } });
    await world.start();
    const place = { namespace: 'action', name: 'other' };
    const sealed = await sealTexts(readVector('kubeseal/a.crt'), place, { password: 'hunter2' });
    const metadata = { namespace: 'action', name: 'db' };
    await world.client.patch(`${PATH}?fieldManager=test&force=true`, 'apply', { ...sealed, metadata });
  });

  it('is offered where a SealedSecret did not open, and nowhere else', async () => {
    const failed = await eventually('the failure', async () => {
      const object = await holder.world.sealedSecret('action', 'db');
      return isSynced(object) === false ? object : undefined;
    });
    expect((await act(failed)).actions).toEqual({ retry: { disabled: false } });
    const synced = { type: 'Synced', status: 'True' };
    const { status: _status, ...fresh } = failed;
    expect((await act({ ...failed, status: { conditions: [synced] } })).actions).toEqual({
      retry: { disabled: true },
    });
    expect((await act(fresh)).actions).toEqual({ retry: { disabled: true } });
  });
  it('lets the controller try again, which its events show', async () => {
    const { world } = holder;
    const attempts = async () => {
      const { items } = await world.client.list('/api/v1/namespaces/action/events');
      return (items as { readonly count?: number }[]).reduce((sum, { count = 1 }) => sum + count, 0);
    };
    const before = await eventually('the first attempt', async () => (await attempts()) || undefined);
    const { object } = await act(await world.sealedSecret('action', 'db'));
    expect(object.metadata['annotations']).toEqual({
      'fuin/retried-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const { annotations } = object.metadata as { annotations: object };
    await world.client.patch(PATH, 'merge', { metadata: { annotations } });
    await eventually('another attempt', async () => ((await attempts()) > before ? true : undefined));
  });
  it('is what the guide shows', () => {
    expect(parse(guideBlock('argo-cd.md', 'yaml', ENTRY)).data[ENTRY]).toBe(data[ENTRY]);
  });
});
