import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHART, template } from '../support/tools/helm.ts';

const PARENT = `apiVersion: v2
name: platform
version: 1.0.0
dependencies:
  - name: sealed-secrets
    version: ">=0.0.0-0"
    condition: sealed-secrets.enabled
`;

describe('as a dependency of another chart', () => {
  let chart = '';
  beforeAll(async () => {
    chart = await mkdtemp(join(tmpdir(), 'fuin-umbrella-'));
    await writeFile(join(chart, 'Chart.yaml'), PARENT);
    await cp(CHART, join(chart, 'charts', 'sealed-secrets'), { recursive: true });
  });
  afterAll(() => rm(chart, { recursive: true, force: true }));

  it('takes global values and the switch of the dependency', async () => {
    const own = { enabled: true, fullnameOverride: 'sealed-secrets-controller', keyrenewperiod: '1h' };
    const values = { global: { storageClass: 'x' }, 'sealed-secrets': own };
    const manifest = await template(values, { chart, release: 'platform' });
    expect(manifest.deployment.metadata.name).toBe('sealed-secrets-controller');
    expect(manifest.container.args).toContain('--key-renew-period');
  });

  it('is gone when switched off', async () => {
    const values = { 'sealed-secrets': { enabled: false } };
    expect((await template(values, { chart, release: 'platform' })).objects).toEqual([]);
  });
});
