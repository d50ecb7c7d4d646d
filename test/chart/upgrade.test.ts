import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VERSION } from '../../packages/controller/src/version.ts';
import type { ApiObject } from '../support/api/types.ts';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { at, CHART, helm, template, tryTemplate } from '../support/tools/helm.ts';
import { useChart } from './chart.ts';
import { narrowed, type Schema } from './narrowed.ts';
import { EVERYTHING, USERS } from './upstream-users.ts';

const DIRECTORY = join(import.meta.dirname, 'baseline');
/** The chart of the last release, as it was packed (docs/releasing.md). */
const [FILE = ''] = readdirSync(DIRECTORY);
const LAST = join(DIRECTORY, FILE);
const context = useChart();

interface Definition {
  readonly spec: {
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

async function definitionOf(chart: string): Promise<Definition> {
  return parse((await helm(['show', 'crds', chart])).stdout) as Definition;
}

/** Version and schema of what is served. */
async function served(chart: string): Promise<readonly (readonly [name: string, schema: Schema])[]> {
  const { versions } = (await definitionOf(chart)).spec;
  return versions
    .filter((version) => version.served)
    .map(({ name, schema }) => [name, schema.openAPIV3Schema]);
}

describe('an upgrade from the chart of the last release', () => {
  it('starts from the newest version that the changelog has a date for, or from this one before its release', async () => {
    const changelog = await readFile(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
    const released = [...changelog.matchAll(/^## \[?(\d+\.\d+\.\d+)/gm)].map(([, version]) => version);
    const last = released.find((version) => version !== VERSION) ?? VERSION;
    expect(readdirSync(DIRECTORY)).toEqual([`sealed-secrets-${last}.tgz`]);
  });

  it.each([
    ...USERS.filter(({ release }) => release === undefined),
    { who: 'all of it', values: EVERYTHING },
  ])(
    'keeps every object of $who, sealing keys and SealedSecrets untouched, and can be gone back from',
    async ({ values }) => {
      const { chart } = context;
      const namespace = await chart.namespaceFor(values);
      await chart.release(namespace, values, LAST);
      const kept = await keptObjects(namespace);
      const old = await template(values, { namespace, chart: LAST });
      const before = await chart.identities(old);

      await chart.release(namespace, values);
      const now = await template(values, { namespace });
      expect(await chart.identities(now)).toMatchObject(before);
      const live = await chart.live(now.deployment);
      expect(at(live, 'spec.template.spec.containers.0.args')).toEqual(now.container.args);

      await chart.helm(['rollback', 'sealed-secrets', '1', '--namespace', namespace]);
      expect(await chart.identities(old)).toEqual(before);
      for (const object of kept)
        expect((await chart.live(object)).metadata).toMatchObject({
          uid: object.metadata.uid,
          resourceVersion: object.metadata.resourceVersion,
        });
    },
  );

  it('works with --reuse-values, which has none of the values that are new', async () => {
    const { chart } = context;
    const namespace = await chart.namespace();
    await chart.release(namespace, { logFormat: 'json' }, LAST);
    await chart.helm(['upgrade', 'sealed-secrets', CHART, '--namespace', namespace, '--reuse-values']);
    const { deployment, container } = await template({ logFormat: 'json' }, { namespace });
    const live = await chart.live(deployment);
    expect(at(live, 'spec.template.spec.containers.0.args')).toEqual(container.args);
  });

  it('takes every value that there was, with the default that it had', async () => {
    const { stdout } = await helm(['show', 'values', LAST, '--jsonpath', '{$}']);
    expect(await tryTemplate(JSON.parse(stdout))).toMatchObject({ code: 0, stderr: '' });
  });

  it('defines a SealedSecret that takes whatever the last definition took', async () => {
    const now = new Map(await served(CHART));
    for (const [name, schema] of await served(LAST))
      expect(narrowed(schema, now.get(name) ?? {})).toEqual([]);
  });

  it('would notice a field that is gone, demanded, of another type, limited or not kept', async () => {
    const [[, schema] = ['', {}]] = await served(CHART);
    const spec = schema.properties?.['spec'] ?? {};
    const changed = (change: Schema): Schema => ({
      ...schema,
      properties: { ...schema.properties, spec: change },
    });
    const { template: _, ...others } = spec.properties ?? {};
    expect(narrowed(schema, changed({ ...spec, properties: others }))).toEqual(['.spec.template: gone']);
    expect(narrowed(schema, changed({ ...spec, required: [...(spec.required ?? []), 'template'] }))).toEqual([
      '.spec: template is required',
    ]);
    expect(narrowed(schema, changed({ ...spec, type: 'array' }))).toEqual(['.spec: type']);
    expect(narrowed(schema, changed({ ...spec, maxProperties: 1 }))).toEqual(['.spec: maxProperties']);
    expect(narrowed({ enum: ['a', 'b'] }, { enum: ['a', 'c'] })).toEqual([': not b']);
    const kept = { 'x-kubernetes-preserve-unknown-fields': true };
    expect(narrowed(kept, {})).toEqual([': no x-kubernetes-preserve-unknown-fields']);
    const open = { additionalProperties: { type: 'string' } };
    expect(narrowed(open, {})).toEqual(['.*: gone']);
    expect(narrowed(open, kept)).toEqual([]);
    expect(narrowed({ additionalProperties: true }, open)).toEqual(['.*: type']);
  });
});

/** A sealing key and a SealedSecret in a namespace. */
async function keptObjects(namespace: string): Promise<ApiObject[]> {
  const { client } = context.chart;
  const key = await storeKey(client, namespace, {
    key: await testKey('a', 10),
    name: 'sealed-secrets-keyabcde',
  });
  const sealed = await client.create(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`, {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'db', namespace },
    spec: { encryptedData: { password: 'AgA=' } },
  });
  return [
    { ...key, apiVersion: 'v1', kind: 'Secret' },
    { ...sealed, apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret' },
  ];
}
