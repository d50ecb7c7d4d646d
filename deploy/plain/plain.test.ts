import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { toPlain } from './plain.ts';

const DEPLOY = join(import.meta.dirname, '..');
const FILES = ['controller.yaml', 'crd.yaml', 'rbac.yaml'];
const texts = ['rbac.yaml', 'controller.yaml'].map((name) => readFileSync(join(DEPLOY, name), 'utf8'));
const plain = texts.map((text) => text.replace(/^# Rendered from .*\n/, '')).join('---\n');

/**
 * How the chart's objects differ from the plain ones: what to look for, and what stands there in the chart.
 */
// biome-ignore format: one row per difference
const DIFFERENCES: readonly { readonly what: string; readonly here: string; readonly inChart: string }[] = [
  { what: 'nothing', here: '', inChart: '' },
  { what: 'labels', here: 'labels:\n    name: sealed-secrets-controller', inChart: 'labels:\n    app.kubernetes.io/instance: plain\n    helm.sh/chart: sealed-secrets-1' },
  { what: 'the selector of the Deployment', here: 'matchLabels:\n      name: sealed-secrets-controller', inChart: 'matchLabels:\n      app.kubernetes.io/name: sealed-secrets' },
  { what: 'whom the replicas keep away from', here: 'matchLabels:\n              name: sealed-secrets-controller', inChart: 'matchLabels:\n              app.kubernetes.io/instance: plain\n              app.kubernetes.io/name: sealed-secrets' },
  { what: 'the selectors of the Services', here: 'selector:\n    name: sealed-secrets-controller', inChart: 'selector:\n    app.kubernetes.io/name: sealed-secrets' },
  { what: 'names of ports', here: '    - port: 80', inChart: '    - name: http\n      port: 80' },
  { what: 'the name of the container', here: '- name: sealed-secrets-controller\n          image', inChart: '- name: controller\n          image' },
  { what: 'names of roles', here: 'name: sealed-secrets-key-admin', inChart: 'name: sealed-secrets-controller-key-admin' },
  { what: 'the name of a binding', here: 'name: sealed-secrets-service-proxier', inChart: 'name: sealed-secrets-controller-service-proxier' },
  { what: 'the templates it names', here: '---\n', inChart: '---\n# Source: sealed-secrets/templates/a.yaml\n' },
];

describe('toPlain', () => {
  it.each(DIFFERENCES)('takes $what of the chart away', ({ here, inChart }) => {
    const rendered = plain.replaceAll(here, inChart);
    expect(plain).toContain(here);
    expect(Object.values(toPlain(rendered))).toEqual(texts);
  });

  it('refuses to lose an object, and one that has no place', () => {
    expect(() => toPlain(plain.replace('kind: Deployment', 'kind: Job'))).toThrow(
      'missing, or without a place in a file: Deployment/sealed-secrets-controller, Job/sealed-secrets-controller',
    );
  });
});

describe('deploy/', () => {
  it('holds nothing that kubectl apply -f would take for a manifest but is none', async () => {
    const names = (await readdir(DEPLOY)).filter((name) => /\.(ya?ml|json)$/.test(name));
    expect(names.toSorted()).toEqual(FILES);
    const objects = FILES.flatMap((name) =>
      parseAllDocuments(readFileSync(join(DEPLOY, name), 'utf8')).map((document) => document.toJS()),
    );
    expect(
      objects.filter(({ apiVersion, kind, metadata }) => !apiVersion || !kind || !metadata.name),
    ).toEqual([]);
  });

  it('is a kustomization of all of it', () => {
    const { resources } = parse(readFileSync(join(DEPLOY, 'Kustomization'), 'utf8'));
    expect(resources.toSorted()).toEqual(FILES);
  });
});
