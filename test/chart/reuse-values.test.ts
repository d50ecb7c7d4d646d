import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { UPSTREAM_VALUES } from '../../deploy/upstream-values.ts';
import { CHART, helm, template, tryTemplate } from '../support/tools/helm.ts';

/** With --reuse-values Helm renders our templates with the old chart's defaults: our own keys are missing. */
async function valuesOfUpstream(): Promise<Record<string, unknown>> {
  const { stdout } = await helm(['show', 'values', CHART, '--jsonpath', '{$}']);
  const values: Record<string, unknown> = JSON.parse(stdout);
  return only(values, '');
}

function only(values: Record<string, unknown>, group: string): Record<string, unknown> {
  const own = UPSTREAM_VALUES[group] ?? [];
  const kept = Object.entries(values).flatMap(([key, value]) => {
    const path = group === '' ? key : `${group}.${key}`;
    const inner = UPSTREAM_VALUES[path] && value;
    if (inner) return [[key, only(inner as Record<string, unknown>, path)]];
    return own.includes(key) ? [[key, value]] : [];
  });
  return Object.fromEntries(kept);
}

let chart: string;
beforeAll(async () => {
  chart = await mkdtemp(join(tmpdir(), 'chart-'));
  await cp(CHART, chart, { recursive: true });
  await writeFile(join(chart, 'values.yaml'), stringify(await valuesOfUpstream()));
});
afterAll(() => rm(chart, { recursive: true }));

describe("an upgrade with --reuse-values from upstream's chart", () => {
  it('makes the objects that the defaults make', async () => {
    const reused = await template({}, { chart });
    const fresh = await template();
    expect(reused.names()).toEqual(fresh.names());
    expect(reused.container.args).toEqual(fresh.container.args);
  });
});

describe('a part of the values that is null', () => {
  const parts = ['crds', 'pdb', 'ingress', 'networkPolicy', 'serviceAccount', 'hostNetwork', 'rbac'];
  it.each(parts)('counts as switched off: %s', async (part) => {
    const { code, stderr } = await tryTemplate({ [part]: null });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
