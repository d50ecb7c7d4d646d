import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UPSTREAM_VALUES } from './upstream-values.ts';

const CHART = join(import.meta.dirname, 'helm', 'sealed-secrets');
const read = (name: string) => readFileSync(join(CHART, name), 'utf8');

interface Schema {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
}
interface RootSchema extends Schema {
  readonly $defs: Readonly<Record<string, Schema>>;
}
const values: Record<string, unknown> = parse(read('values.yaml'));
const schema: RootSchema = JSON.parse(read('values.schema.json'));

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const has = (path: string) =>
  path.split('.').reduce<unknown>((inner, key) => (isMap(inner) ? inner[key] : undefined), values) !==
  undefined;

function resolve(node: Schema): Schema {
  const name = node.$ref?.replace('#/$defs/', '');
  return name === undefined ? node : (schema.$defs[name] ?? {});
}

/** Where values and schema do not have the same keys; free-form objects of Kubernetes are left out. */
function differences(node: Schema, value: unknown, path: string): string[] {
  const { properties, additionalProperties } = resolve(node);
  if (!properties || additionalProperties !== false) return [];
  const inValues = isMap(value) ? Object.keys(value) : [];
  const odd = new Set(Object.keys(properties)).symmetricDifference(new Set(inValues));
  const inner = inValues.flatMap((key) =>
    differences(properties[key] ?? {}, isMap(value) ? value[key] : undefined, `${path}.${key}`),
  );
  return [...[...odd].map((key) => `${path}.${key}`), ...inner];
}

/** Paths of all values that are true or false; probes have a loop of their own. */
function switches(node: Schema, path: string): string[] {
  if (node.$ref === '#/$defs/switch') return [path];
  const inner = Object.entries(resolve(node).properties ?? {});
  return inner.flatMap(([key, value]) => switches(value, path === '' ? key : `${path}.${key}`));
}

describe("the chart's values", () => {
  it.each(Object.entries(UPSTREAM_VALUES))("keep upstream's %s", (group, keys) => {
    const paths = keys.map((key) => (group === '' ? key : `${group}.${key}`));
    expect(paths.filter((path) => !has(path))).toEqual([]);
  });

  it('have a schema that knows each of them, and nothing else but what Helm itself adds', () => {
    const isMistake = (path: string) => schema.properties?.[path.slice(1)]?.const !== undefined;
    expect(differences(schema, values, '').filter((path) => !isMistake(path))).toEqual([
      '.global',
      '.enabled',
    ]);
  });

  it('have a schema that names the right key for usual mistakes, and none of these is a key', () => {
    const mistakes = Object.entries(schema.properties ?? {}).filter(([, node]) => node.const !== undefined);
    expect(mistakes.length).toBeGreaterThan(15);
    expect(mistakes.filter(([key]) => has(key))).toEqual([]);
    const named = mistakes.map(([, node]) => / write ([\w.]+)$/.exec(String(node.const))?.[1]);
    expect(named.filter((path) => path !== undefined && !has(path))).toEqual([]);
  });

  it('may be strings where --set-string makes them so: every template begins by reading them', () => {
    const templates = readdirSync(join(CHART, 'templates')).filter((name) => !name.endsWith('.tpl'));
    const begins = '{{- include "sealed-secrets.readValues" . }}\n';
    expect(templates.filter((name) => !read(`templates/${name}`).startsWith(begins))).toEqual([]);
    const reader = read('templates/_values.tpl');
    expect(switches(schema, '').filter((path) => !reader.includes(`"${path}"`))).toEqual([]);
  });

  it('each carry a comment where they differ from upstream on purpose', () => {
    const comments = read('values.yaml').replace(/\n *# /g, ' '); // a comment may go on in the next line
    expect(comments.match(/\(Fuin only|\(upstream: /g)?.length).toBeGreaterThan(18);
  });
});

describe('the chart', () => {
  it('names no image that somebody else could publish, as long as we publish none', () => {
    expect(values['image']).toMatchObject({
      registry: 'localhost',
      repository: 'fuin/sealed-secrets-controller',
    });
    expect(readFileSync(join(import.meta.dirname, 'controller.yaml'), 'utf8')).toMatch(
      /image: localhost\/fuin\/sealed-secrets-controller:\d+\.\d+\.\d+\n/,
    );
  });

  it('brings the same definition of SealedSecret as the plain manifests', () => {
    expect(read('crds/bitnami.com_sealedsecrets.yaml')).toBe(
      readFileSync(join(import.meta.dirname, 'crd.yaml'), 'utf8'),
    );
  });

  it('has the version of the controller', () => {
    const { version } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../packages/controller/package.json'), 'utf8'),
    );
    expect(parse(read('Chart.yaml'))).toMatchObject({ name: 'sealed-secrets', version, appVersion: version });
  });
});
