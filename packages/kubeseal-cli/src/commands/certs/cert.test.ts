import { describe, expect, it } from 'vitest';
import { DEV, PROD, STAGE, useCertWorld } from '../../testing/cluster-world.ts';
import { certificateOf, PAIRS } from '../../testing/three-clusters.ts';

const held = useCertWorld();
const { files, run, serve, settings } = held;

describe('kubeseal cert check', () => {
  it('shows how the certificate of each cluster stands', async () => {
    serve(PROD, STAGE);
    const { code, stdout, stderr } = await run(['check']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const id = (name: keyof typeof PAIRS) => PAIRS[name].id;
    expect(stdout).toBe(`CLUSTER  STATE    PINNED${' '.repeat(46)}SERVED${' '.repeat(46)}EXPIRES
prod     current  ${id('prod')}  ${id('prod')}  2027-01-01
stage    current  ${id('stage')}  ${id('stage')}  2027-01-01
dev      unknown  ${id('dev')}  -${' '.repeat(51)}2027-01-01
`);
  });
  it('ends with exit code 3 where a controller has another key, and says what to do', async () => {
    serve(DEV, STAGE);
    const { code, stderr } = await run(['check']);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr:
        'error: cluster prod: the controller serves another key\nhint: kubeseal cert update prod replaces it\n',
    });
    expect((await run(['check', 'dev', 'stage'])).code).toBe(0);
  });
  it('finds an expired certificate, and one that its fingerprint contradicts', async () => {
    serve(PROD, STAGE);
    const more = {
      files: { 'prod.pem': DEV, 'dev.pem': await certificateOf('dev', new Date('2026-06-01')) },
    };
    const { code, stdout, stderr } = await run(['check', '--json'], more);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      clusters: [
        {
          name: 'prod',
          state: 'contradicts',
          fingerprint: PAIRS.prod.id,
          certificate: PAIRS.dev.id,
          served: PAIRS.prod.id,
          notAfter: '2027-01-01T00:00:00.000Z',
        },
        {
          name: 'stage',
          state: 'current',
          fingerprint: PAIRS.stage.id,
          certificate: null,
          served: PAIRS.stage.id,
          notAfter: '2027-01-01T00:00:00.000Z',
        },
        {
          name: 'dev',
          state: 'expired',
          fingerprint: null,
          certificate: PAIRS.dev.id,
          served: null,
          notAfter: '2026-06-01T00:00:00.000Z',
        },
      ],
      errors: [],
    });
    expect(stderr).toContain('hint: kubeseal cert update prod dev replaces them\n');
  });
  it('finds an expired certificate that only a fingerprint pins, and says who can replace it', async () => {
    serve(PROD, await certificateOf('stage', new Date('2026-06-01')));
    const { code, stdout, stderr } = await run(['check']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^stage {4}expired /m);
    expect(stderr).toBe(
      'error: cluster stage: the certificate has expired\nhint: the controller of cluster stage serves an expired certificate: kubeseal keys rotate makes a new key\n',
    );
  });
  it('goes on after a cluster that cannot be asked, and ends with exit code 1', async () => {
    serve('no certificate', STAGE);
    const { code, stdout, stderr } = await run(['check', '--json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: cluster prod: data does not contain any valid RSA/);
    const { clusters, errors } = JSON.parse(stdout) as { clusters: unknown[]; errors: unknown[] };
    expect(clusters).toHaveLength(2);
    expect(errors).toEqual([{ cluster: 'prod', message: expect.stringContaining('data does not contain') }]);
  });
  it.each([
    [['chek'], 2, 'cert: it needs one of check, update'],
    [['check', '--yes'], 2, 'cert check: unknown flag: --yes'],
    [['update', '--output'], 2, 'cert update: unknown flag: --output'],
    [['check', '--for', 'prod'], 2, 'cert check: --for is not for this command'],
    [['check', 'prd'], 1, '.kubeseal.yaml has no cluster prd'],
    [['check', '--context', 'x'], 1, '--context does not count here'],
    [['check', '--cert', 'dev.pem'], 1, '--cert does not count here'],
    [['update', '--cert', 'dev.pem'], 1, '--cert needs the name of one cluster'],
    [['check', '--no-config'], 1, 'there is no .kubeseal.yaml in this directory or above'],
  ])('with %j ends with code %i: %s', async (argv, code, message) => {
    const result = await run(argv);
    expect({ code: result.code, error: result.stderr.split('\n')[0] }).toEqual({
      code,
      error: `error: ${message}`,
    });
  });
});

describe('kubeseal cert update', () => {
  it('shows both fingerprints, asks, and replaces certificate and fingerprint and no other byte', async () => {
    serve(DEV, STAGE);
    const { code, stderr, files: after } = await run(['update'], { stdin: 'y', tty: { stdin: true } });
    expect(stderr).toContain(`cluster prod
  now: ${PAIRS.prod.id}
  new: ${PAIRS.dev.id} of the controller of context ${held.context}, expires 2027-01-01
replace it? [y/N] note: cluster prod now has the certificate ${PAIRS.dev.id} of the controller of context ${held.context}
note: cluster stage is up to date: ${PAIRS.stage.id}
error: cluster dev has no context, so no controller can be asked
`);
    expect(code).toBe(1);
    expect(after['prod.pem']).toBe(DEV);
    expect(after['.kubeseal.yaml']).toBe(settings().replace(PAIRS.prod.id, PAIRS.dev.id));
    const again = await run(['check', 'prod'], { files: { ...after } });
    expect(again.code).toBe(0);
  });
  it.each([
    [
      'at a terminal where nobody agrees',
      { stdin: 'n', tty: { stdin: true } },
      'it was not confirmed, so nothing was changed',
    ],
    ['without a terminal and --yes', { stdin: 'y' }, 'there is no terminal to confirm this'],
  ])('changes nothing %s', async (_when, more, message) => {
    serve(DEV, STAGE);
    const { code, stderr, files: after } = await run(['update', 'prod'], more);
    expect(code).toBe(1);
    expect(stderr).toContain(`  new: ${PAIRS.dev.id} of`);
    expect(stderr).toContain(`error: cluster prod: ${message}\n`);
    expect(after).toMatchObject(files());
  });
  it('replaces only the fingerprint where there is no file, in a map in braces too', async () => {
    serve(PROD, DEV);
    const { code, files: after } = await run(['update', 'stage', '--yes', '--quiet']);
    expect(code).toBe(0);
    expect(after['.kubeseal.yaml']).toBe(settings().replace(PAIRS.stage.id, PAIRS.dev.id));
  });
  it('makes a certificate file that is missing or damaged', async () => {
    serve(PROD, STAGE);
    for (const certificate of ['certs/new.pem', 'damaged.pem']) {
      const text = settings().replace("'prod.pem'", certificate);
      const more = { files: { '.kubeseal.yaml': text, 'damaged.pem': 'x' } };
      const { code, files: after } = await run(['update', 'prod', '--yes'], more);
      expect({ code, made: after[certificate], settings: after['.kubeseal.yaml'] }).toEqual({
        code: 0,
        made: PROD,
        settings: text,
      });
    }
  });
  it('takes a certificate that somebody sent, if it has the fingerprint that is asked for', async () => {
    const more = { files: { new: STAGE } };
    const argv = ['update', 'dev', '--cert', 'new', '--yes', '--cert-fingerprint'];
    const refused = await run([...argv, PAIRS.prod.id], more);
    expect({ code: refused.code, dev: refused.files['dev.pem'] }).toEqual({ code: 1, dev: DEV });
    const { code, files: after } = await run([...argv, PAIRS.stage.id], more);
    expect({ code, dev: after['dev.pem'], settings: after['.kubeseal.yaml'] }).toEqual({
      code: 0,
      dev: STAGE,
      settings: settings(),
    });
  });
  it('takes one that somebody sent although the context is unknown here, and so is the old file', async () => {
    const text = 'clusters: {eu: {context: nowhere, certificate: eu.pem}}\nrules: []\n';
    const more = { files: { '.kubeseal.yaml': text, new: STAGE } };
    const { code, stderr, files: after } = await run(['update', 'eu', '--cert', 'new', '--yes'], more);
    expect({ code, stderr, made: after['eu.pem'] }).toEqual({
      code: 0,
      stderr: expect.stringContaining('  now: none\n'),
      made: STAGE,
    });
  });
  it('refuses an expired certificate', async () => {
    serve(await certificateOf('dev', new Date('2026-06-01')), STAGE);
    const { code, stderr, files: after } = await run(['update', 'prod', '--yes']);
    expect(code).toBe(1);
    expect(stderr).toContain('failed to encrypt using an expired certificate on June 1, 2026');
    expect(after).toMatchObject(files());
  });
});

describe('kubeseal cert --fail-fast', () => {
  it.each([
    ['check', '--json'],
    ['update', '--json', '--yes'],
  ])('%s leaves the clusters behind the first that fails alone', async (...argv) => {
    serve('no certificate', DEV);
    const { code, stdout, files: after } = await run([...argv, '--fail-fast']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ clusters: [], errors: [{ cluster: 'prod' }] });
    expect(after).toMatchObject(files());
  });
});
