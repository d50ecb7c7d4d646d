import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { sealTexts } from '../support/sealing.ts';
import { eventually } from '../support/time/eventually.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { startOurs, startUpstream } from './side.ts';
import { Stage } from './stage.ts';

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
  let stage: Stage;
  let ours: Measured;
  let upstreams: Measured;

  beforeAll(async () => {
    stage = await Stage.open();
    [ours, upstreams] = await Promise.all([measure(startOurs), measure(startUpstream)]);
  });
  afterAll(() => stage?.close());

  async function measure(start: typeof startOurs): Promise<Measured> {
    const key = await testKey('a', 1);
    const { certificatePem } = key;
    const home = await stage.namespace('home');
    await storeKey(stage.client, home, { key, name: 'key' });
    const args = ['--key-renew-period=0', '--rate-limit=1000'];
    const { url, metricsUrl } = await stage.start(start, { home, watched: [home], args });
    const labels = { 'app.kubernetes.io/instance': 'shop-1' };
    const good = await sealTexts(certificatePem, { namespace: home, name: 'good' }, { a: '1' });
    await stage.apply({ ...good, metadata: { ...good.metadata, labels } });
    const moved = await sealTexts(certificatePem, { namespace: home, name: 'x' }, { a: '1' });
    await stage.apply({ ...moved, metadata: { ...moved.metadata, name: 'moved' } });
    for (const name of ['good', 'moved']) await stage.untilObserved(home, name);
    for (const path of ['/v1/cert.pem', '/v1/verify', '/v1/rotate']) {
      for (const method of ['GET', 'POST']) await (await fetch(url + path, { method })).arrayBuffer();
    }
    return eventually('the metrics', async () => {
      const measured = parse(await (await fetch(`${metricsUrl}/metrics`)).text(), home);
      return [...measured.series.keys()].some((name) => name.includes('name="moved"')) ? measured : undefined;
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
