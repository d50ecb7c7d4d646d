import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEV, PROD, STAGE, useCertWorld } from '../../testing/cluster-world.ts';
import { certificateOf, PAIRS } from '../../testing/three-clusters.ts';

const held = useCertWorld();
const { files, run, serve, settings } = held;

describe('kubeseal cert update --dry-run', () => {
  it('prints what it would change as a diff that git apply takes, asks nobody and writes nothing', async () => {
    serve(DEV, PROD);
    const { code, stdout, stderr, files: after } = await run(['update', 'prod', 'stage', '--dry-run']);
    expect(code).toBe(0);
    expect(after).toMatchObject(files());
    expect(stderr).toContain(`note: cluster prod would get the certificate ${PAIRS.dev.id} of`);
    const cwd = mkdtempSync(join(tmpdir(), 'cert-dry-run-'));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    for (const [name, text] of Object.entries(files())) writeFileSync(join(cwd, name), text);
    execFileSync('git', ['apply', '-'], { cwd, input: stdout });
    const real = await run(['update', 'prod', 'stage', '--yes']);
    for (const name of Object.keys(files()))
      expect(readFileSync(join(cwd, name), 'utf8')).toBe(real.files[name]);
  });
  it('shows a certificate file that would be made', async () => {
    serve(PROD, STAGE);
    const more = { files: { '.kubeseal.yaml': settings().replace("'prod.pem'", 'certs/new.pem') } };
    const { code, stdout, files: after } = await run(['update', 'prod', '--dry-run'], more);
    expect({ code, isMade: 'certs/new.pem' in after }).toEqual({ code: 0, isMade: false });
    expect(stdout).toContain('--- /dev/null\n+++ b/certs/new.pem\n');
  });
  it('refuses what the run would refuse', async () => {
    serve(await certificateOf('dev', new Date('2026-06-01')), STAGE);
    const { code, stdout, stderr } = await run(['update', 'prod', '--dry-run']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('expired certificate');
    serve(DEV, STAGE);
    const more = { files: { '.kubeseal.yaml': settings().replace("'prod.pem'", "'certs'"), 'certs/x': '' } };
    for (const flag of ['--dry-run', '--yes']) {
      const directory = await run(['update', 'prod', flag], more);
      expect({ code: directory.code, stdout: directory.stdout }).toEqual({ code: 1, stdout: '' });
      expect(directory.stderr).toMatch(/error: cluster prod: open .*certs: is a directory\n/);
    }
  });
});

describe('kubeseal cert update --json', () => {
  it('tells what was replaced by what, and what failed', async () => {
    serve(DEV, STAGE);
    const { code, stdout, files: after } = await run(['update', '--json', '--yes']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      dryRun: false,
      clusters: [
        {
          name: 'prod',
          change: 'updated',
          fingerprint: PAIRS.prod.id,
          certificate: PAIRS.prod.id,
          replacement: PAIRS.dev.id,
          source: `the controller of context ${held.context}`,
          notAfter: '2027-01-01T00:00:00.000Z',
          files: ['prod.pem', '.kubeseal.yaml'],
        },
        expect.objectContaining({ name: 'stage', change: 'unchanged', certificate: null, files: [] }),
      ],
      errors: [{ cluster: 'dev', message: 'cluster dev has no context, so no controller can be asked' }],
    });
    expect(after['prod.pem']).toBe(DEV);
  });
  it('says that nothing was confirmed', async () => {
    serve(DEV, STAGE);
    const { code, stdout } = await run(['update', 'prod', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      clusters: [],
      errors: [{ cluster: 'prod', message: 'there is no terminal to confirm this' }],
    });
  });
});
