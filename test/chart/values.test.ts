import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { at, CHART, helm, template } from '../support/tools/helm.ts';
import { EFFECTS } from './values-effects.ts';
import { ARGUMENTS, NO_EFFECT, WITHOUT } from './values-lists.ts';

/** Paths of all values that are not maps with keys of their own. */
function leaves(value: unknown, path: string): string[] {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isMap ? Object.entries(value) : [];
  return entries.length === 0
    ? [path]
    : entries.flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

describe('the chart', () => {
  it('passes helm lint', async () => {
    const { code, stdout } = await helm(['lint', '--strict', CHART]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('0 chart(s) failed') });
  });

  it('passes helm lint with everything switched on', async () => {
    const everything = {
      pdb: { create: true },
      ingress: { enabled: true, tls: true, selfSigned: true },
      networkPolicy: { enabled: true, egress: { enabled: true } },
      metrics: {
        serviceMonitor: { enabled: true },
        prometheusRule: { enabled: true },
        dashboards: { create: true },
      },
    };
    const { code, stdout } = await helm(['lint', '--strict', CHART, '--values', '-'], {
      stdin: JSON.stringify(everything),
    });
    expect({ code, stdout }).toMatchObject({ code: 0 });
  });

  it.concurrent.each(EFFECTS)('$values', async ({ values, kind, name, path, expected }) => {
    const manifest = await template(values);
    expect(at(manifest.find(kind, name), path)).toEqual(expected);
  });

  it.concurrent.each(WITHOUT)('$values takes away $gone', async ({ values, gone }) => {
    const names = (await template(values)).names();
    expect(new Set((await template()).names()).difference(new Set(names))).toEqual(new Set(gone));
  });

  it.concurrent.each(ARGUMENTS)('$values becomes $args', async ({ values, args }) => {
    const quoted = (list: readonly string[]) => list.map((arg) => JSON.stringify(arg)).join(' ');
    expect(quoted((await template(values)).container.args)).toContain(quoted(args));
  });

  it.concurrent.each(NO_EFFECT)('$values changes nothing', async ({ values }) => {
    expect((await template(values)).objects).toEqual((await template()).objects);
  });

  it('has a test for every value', async () => {
    const all = leaves(parse(await readFile(join(CHART, 'values.yaml'), 'utf8')), '');
    const isTried = (leaf: string) =>
      [...EFFECTS, ...WITHOUT, ...ARGUMENTS, ...NO_EFFECT].some(
        ({ values }) => at(values, leaf) !== undefined,
      );
    expect(all.filter((leaf) => !isTried(leaf))).toEqual([]);
  });
});
