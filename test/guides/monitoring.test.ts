import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sealTexts } from '../support/cluster/sealing.ts';
import { eventually } from '../support/time/eventually.ts';
import { readVector } from '../vectors/read.ts';
import { ROOT, useGuideWorld } from './guide-world.ts';

const CHART = join(ROOT, 'deploy', 'helm', 'sealed-secrets');
const dashboard = readFileSync(join(CHART, 'dashboards', 'sealed-secrets-controller.json'), 'utf8');
const { groups } = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')).metrics.prometheusRule;
const wanted = new Set(
  `${dashboard}${JSON.stringify(groups)}`.match(/\b(sealed_secrets_controller|process)_[a-z0-9_]+/g),
);
const holder = useGuideWorld();

const series = async () => (await fetch(`${holder.world.controller.metricsUrl}/metrics`)).text();
/** Value of a series without labels. */
const readSeries = (text: string, name: string) =>
  Number(new RegExp(`^sealed_secrets_controller_${name} (\\S+)$`, 'm').exec(text)?.[1]);

describe('the metrics of a running controller', () => {
  it('are all that dashboard and alerts read', async () => {
    await holder.world.start();
    const text = await series();
    const missing = [...wanted].filter((name) => {
      const family = name.replace(/_(bucket|sum|count)$/, '');
      return ![name, family].some((each) => text.includes(`# TYPE ${each} `));
    });
    expect(missing).toEqual([]);
  });
  it('say that a SealedSecret needs an old key, and since when, until it is sealed again', async () => {
    const { client, controller } = holder.world;
    await client.create('/api/v1/namespaces', { kind: 'Namespace', metadata: { name: 'stale' } });
    const apply = async (certificate: string) => {
      const metadata = { namespace: 'stale', name: 'db' };
      const sealed = await sealTexts(certificate, metadata, { password: 'hunter2' });
      const path = '/apis/bitnami.com/v1alpha1/namespaces/stale/sealedsecrets/db';
      await client.patch(`${path}?fieldManager=test&force=true`, 'apply', sealed);
    };
    const untilStale = (count: number) =>
      eventually(`${count} stale`, async () => {
        const text = await series();
        const isThere = readSeries(text, 'oldest_key_in_use_timestamp_seconds') > 0;
        return isThere && readSeries(text, 'stale_sealed_secrets') === count ? text : undefined;
      });
    await apply(readVector('kubeseal/a.crt'));
    await controller.signal('SIGUSR1'); // a new key
    const old = await untilStale(1);
    const created = readSeries(old, 'key_created_timestamp_seconds');
    expect(readSeries(old, 'oldest_key_in_use_timestamp_seconds')).toBeLessThan(created);
    await apply(await (await fetch(`${controller.url}/v1/cert.pem`)).text());
    const fresh = await untilStale(0);
    expect(readSeries(fresh, 'oldest_key_in_use_timestamp_seconds')).toBe(
      readSeries(fresh, 'key_created_timestamp_seconds'),
    );
  });
});
