import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../support/cluster/cluster.ts';
import { sealTexts } from '../support/cluster/sealing.ts';
import { eventually } from '../support/time/eventually.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { World } from '../support/world.ts';

const problem = peerProblem();
const PREFIX = 'sealed_secrets_controller_';
/** The instance label came after v0.27.1. */
const NEWER_LABEL = /,ss_app_kubernetes_io_instance="[^"]*"/;

/** What the controllers make of the same two objects and six requests. */
interface Measured {
  /** `name type` */
  readonly types: readonly string[];
  /** Name, labels and value of each series that counts events and not time. */
  readonly series: ReadonlyMap<string, string>;
}

describe.skipIf(problem !== undefined)(`metrics beside upstream's (${problem ?? 'both run'})`, () => {
  let world: World;
  let ours: Measured;
  let upstreams: Measured;

  beforeAll(async () => {
    const args = ['--key-renew-period=0', '--rate-limit=1000'];
    world = await World.on(await startCluster(), { args });
    [ours, upstreams] = await Promise.all([
      measure(world),
      world.beside({ by: 'upstream', args }).then(measure),
    ]);
  });
  afterAll(() => world?.end());

  async function measure(measured: World): Promise<Measured> {
    const { home } = measured;
    await measured.start(`--additional-namespaces=${home}`);
    const { url } = measured.controller;
    const certificatePem = await measured.certificate();
    const labels = { 'app.kubernetes.io/instance': 'shop-1' };
    const good = await sealTexts(certificatePem, { namespace: home, name: 'good' }, { a: '1' });
    await measured.apply({ ...good, metadata: { ...good.metadata, labels } });
    const moved = await sealTexts(certificatePem, { namespace: home, name: 'x' }, { a: '1' });
    await measured.apply({ ...moved, metadata: { ...moved.metadata, name: 'moved' } });
    for (const name of ['good', 'moved']) await measured.untilObserved(home, name);
    for (const path of ['/v1/cert.pem', '/v1/verify', '/v1/rotate']) {
      for (const method of ['GET', 'POST']) await (await fetch(url + path, { method })).arrayBuffer();
    }
    return eventually('the metrics', async () => {
      const parsed = parse(await measured.metrics(), home);
      return [...parsed.series.keys()].some((name) => name.includes('name="moved"')) ? parsed : undefined;
    });
  }

  it('ours has every metric of upstream with its type', () => {
    expect(upstreams.types.length).toBeGreaterThanOrEqual(6);
    expect(ours.types).toEqual(expect.arrayContaining([...upstreams.types]));
  });

  it('ours has every series of upstream with its labels', () => {
    expect([...ours.series.keys()]).toEqual(expect.arrayContaining([...upstreams.series.keys()]));
  });

  it('requests and conditions count the same', () => {
    const counted = ({ series }: Measured) =>
      Object.fromEntries([...series].filter(([name]) => /^(http_requests_total|condition_info)/.test(name)));
    expect(Object.keys(counted(upstreams))).toHaveLength(8);
    expect(counted(ours)).toMatchObject(counted(upstreams));
  });
});

function parse(text: string, home: string): Measured {
  const lines = text.replaceAll(home, 'HOME').split('\n');
  const types = lines.flatMap((line) => {
    const [, name, type] = line.startsWith(`# TYPE ${PREFIX}`) ? line.slice('# TYPE'.length).split(' ') : [];
    return name ? [`${name} ${type}`] : [];
  });
  const series = lines
    .filter((line) => line.startsWith(PREFIX))
    .map((line) => {
      const [name = '', value = ''] = line.slice(PREFIX.length).split(/ (?=[^ ]*$)/);
      return [
        sorted(name)
          .replace(/revision="[^"]*"/, 'revision')
          .replace(NEWER_LABEL, ''),
        value,
      ] as const;
    });
  return { types, series: new Map(series) };
}

/** Labels have no order. */
function sorted(name: string): string {
  const [, metric, labels] = /^([^{]*)\{(.*)\}$/.exec(name) ?? [];
  return labels === undefined ? name : `${metric}{${labels.split(',').sort().join(',')}}`;
}
