import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UPSTREAM_VALUES } from '../../deploy/upstream-values.ts';
import { ANNOTATION_MARKS, LABEL_MARKS } from './annotations.ts';
import { chartValues } from './chart-values.ts';
import { EVENTS } from './conditions.ts';
import { fieldsOf } from './custom-resource.ts';
import { referencePages } from './generate.ts';
import { table } from './markdown.ts';
import { RUNBOOKS } from './runbooks.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const pages = await referencePages();
const valuesYaml = read('deploy/helm/sealed-secrets/values.yaml');
const schema = JSON.parse(read('deploy/helm/sealed-secrets/values.schema.json'));
const values = chartValues(valuesYaml, schema);

/** The sources of the packages, without their tests. */
const sources = globSync('packages/*/src/**/*.ts', { cwd: ROOT })
  .filter((path) => !/\.test\.ts$|\/testing\//.test(path))
  .map(read)
  .join('\n');

describe('the reference', () => {
  it.each(Object.entries(pages))('in %s is what scripts/reference/generate.ts writes', (path, text) => {
    expect(read(path)).toBe(text);
  });

  it('is listed in its index, every page', () => {
    const { 'docs/reference/README.md': index = '', ...others } = pages;
    const names = Object.keys(others).map((path) => path.replace('docs/reference/', ''));
    expect(names.filter((name) => !index.includes(`${name})`))).toEqual([]);
  });
});

describe('the tables behind the reference', () => {
  it('describe every value of the chart', () => {
    expect(values.length).toBeGreaterThan(130);
    expect(values.filter(({ description }) => description === '').map(({ key }) => key)).toEqual([]);
  });

  it("mark the values that upstream's chart does not have", () => {
    const isUpstream = (key: string): boolean => {
      const parts = key.split('.');
      const group = parts.slice(0, -1).join('.');
      return (
        Object.hasOwn(UPSTREAM_VALUES, key) || UPSTREAM_VALUES[group]?.includes(parts.at(-1) ?? '') === true
      );
    };
    const own = values.filter(({ key }) => !isUpstream(key));
    const marked = values.filter(({ description }) => description.includes('(Fuin only'));
    expect(marked.map(({ key }) => key)).toEqual(own.map(({ key }) => key));
  });

  it('describe every field of SealedSecret', () => {
    const { spec } = parse(read('deploy/crd.yaml'));
    const fields = fieldsOf(spec.versions[0].schema.openAPIV3Schema, '');
    expect(fields.length).toBeGreaterThan(25);
    const bare = fields.filter(([, field]) => field.description === undefined);
    expect(bare.map(([path]) => path)).toEqual(['metadata']); // Kubernetes describes it
  });

  it('know every annotation and label that the sources name', () => {
    const named = new Set(sources.match(/sealedsecrets\.bitnami\.com\/[a-z-]+/g));
    const known = [...ANNOTATION_MARKS, ...LABEL_MARKS].map(({ name }) => name);
    expect([...named].filter((name) => !known.includes(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(3);
  });

  it('know every event that the controller writes, and no other', () => {
    const named = [...sources.matchAll(/'(?:Normal|Warning)',\s*'(\w+)'|event: '(\w+)'/g)];
    const written = new Set(named.map(([, direct, ofFailure]) => direct ?? ofFailure));
    expect(written).toEqual(new Set(EVENTS.map(({ reason }) => reason)));
  });

  it('have a runbook for every alert of the chart, and no other', () => {
    const alerts: { alert: string }[] = parse(valuesYaml).metrics.prometheusRule.groups[0].rules;
    expect(Object.keys(RUNBOOKS)).toEqual(alerts.map(({ alert }) => alert));
  });

  it('name log lines in the runbooks that docs/logs.md lists', () => {
    const texts = Object.values(RUNBOOKS).flatMap(({ check, cure }) => [...check, ...cure]);
    const lines = texts.flatMap((text) =>
      [...text.matchAll(/\blog(?: line| for) `([^`]+)`/g)].map(([, line]) => line),
    );
    expect(lines.length).toBeGreaterThan(4);
    const logs = read('docs/logs.md');
    expect(lines.filter((line) => !logs.includes(`| \`${line}\` |`))).toEqual([]);
  });
});

describe('table', () => {
  it('keeps the text of a cell from ending the cell or opening an element', () => {
    expect(table(['a|b'], [['x\n <b> `a|<c>`']])).toBe('| a\\|b |\n| --- |\n| x &lt;b> `a\\|<c>` |\n');
  });
});
