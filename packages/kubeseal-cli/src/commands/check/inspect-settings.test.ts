import { describe, expect, it } from 'vitest';
import { inspect, itemsOf, noted } from '../../testing/inspected.ts';
import { runCli } from '../../testing/run-cli.ts';
import { certificateOf, PAIRS, REPOSITORY } from '../../testing/three-clusters.ts';

const FILES = {
  ...REPOSITORY,
  'clusters/stage/cert.pem': REPOSITORY['clusters/stage/cert.pem'] ?? '',
  'clusters/prod/a.json': await noted('a', { x: '1' }, PAIRS.prod),
  'clusters/stage/a.json': await noted('a', { x: '1' }, PAIRS.stage),
  'clusters/stage/b.json': await noted('b', { x: '1' }, PAIRS.dev),
  'other/a.json': await noted('a', { x: '1' }, PAIRS.prod),
};
const statusesOf = async (files: Readonly<Record<string, string>>, ...args: readonly string[]) => {
  const { code, stderr, report } = await inspect(files, [...args, 'clusters', 'other']);
  return { code, stderr, statuses: itemsOf(report).map(({ keyStatus }) => keyStatus) };
};

describe('kubeseal inspect in a repository with settings', () => {
  it('compares each file with the certificate of its own cluster', async () => {
    const { code, statuses } = await statusesOf(FILES);
    expect({ code, statuses }).toEqual({ code: 0, statuses: ['current', 'current', 'stale', 'unknown'] });
  });
  it('lets --cert win, and takes no settings with --no-config', async () => {
    const { statuses } = await statusesOf(FILES, '--cert', 'clusters/prod/cert.pem');
    expect(statuses).toEqual(['current', 'stale', 'stale', 'current']);
    expect((await statusesOf(FILES, '--no-config')).statuses).toEqual(Array(4).fill('unknown'));
  });
  it('warns once of a certificate that is missing or not the pinned one, and reports the rest', async () => {
    const { 'clusters/stage/cert.pem': _, ...missing } = FILES;
    const other = { ...FILES, 'clusters/stage/cert.pem': await certificateOf('dev') };
    for (const files of [missing, other]) {
      const { code, stderr, statuses } = await statusesOf(files);
      expect({ code, statuses }).toEqual({ code: 0, statuses: ['current', 'unknown', 'unknown', 'unknown'] });
      expect(stderr.match(/^warning: cluster stage: /gm)).toHaveLength(1);
    }
  });
  it('reads no certificate from a URL', async () => {
    const settings =
      'clusters: {prod: {certificate: "https://127.0.0.1:1/cert.pem"}}\nrules: [{paths: ["**"], cluster: prod}]\n';
    const { code, stderr, statuses } = await statusesOf({ ...FILES, '.kubeseal.yaml': settings });
    expect({ code, stderr, statuses }).toEqual({ code: 0, stderr: '', statuses: Array(4).fill('unknown') });
  });
  it('refuses settings that cannot be read once, not for each file', async () => {
    const run = { ...FILES, '.kubeseal.yaml': 'clusters: 1\n' };
    const { code, stderr } = await runCli({ argv: ['inspect', 'clusters'], files: run });
    expect({ code, errors: stderr.match(/^error: /gm) }).toEqual({ code: 1, errors: ['error: '] });
  });
});
