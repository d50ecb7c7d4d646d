import { describe, expect, it } from 'vitest';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { certificateOf, NOW, openedWith, PAIRS, REPOSITORY, SETTINGS } from '../../testing/three-clusters.ts';

const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ now: NOW, ...more, argv, files: { ...REPOSITORY, ...more.files } });
const create = (file: string, argv: readonly string[] = [], more: Partial<CliRun> = {}) =>
  run(['create', 'db', 'password=one', '-w', file, ...argv], more);

/** A SealedSecret of each cluster, without a namespace of its own where it is cluster-wide. */
async function sealedFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of ['prod', 'stage', 'dev']) {
    const file = `clusters/${name}/db.yaml`;
    files[file] = (await create(file)).files[file] ?? '';
  }
  return files;
}

const withRule = (rule: string) => ({
  '.kubeseal.yaml': `${SETTINGS.split('rules:')[0]}rules:\n  - ${rule}\n`,
});

describe('the settings file', () => {
  it('decides by the name of the file which certificate and namespace count, and stderr says so', async () => {
    const { code, stderr, files } = await create('clusters/stage/db.yaml');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `note: sealed with the certificate ${PAIRS.stage.id} of clusters/stage/cert.pem, cluster stage
note: created shop/db in clusters/stage/db.yaml with password
`,
    });
    const sealed = files['clusters/stage/db.yaml'] ?? '';
    expect(await openedWith('stage', sealed)).toEqual({ password: 'one' });
    expect(await openedWith('prod', sealed)).toBeUndefined();
  });
  it('lets one command change files of three clusters, each with its own certificate', async () => {
    const files = await sealedFiles();
    const argv = ['set', ...Object.keys(files), 'password=two'];
    const { code, stderr, files: after } = await run(argv, { files });
    expect(code).toBe(0);
    expect(stderr.match(/^note: sealed with the certificate/gm)).toHaveLength(3);
    for (const name of ['prod', 'stage', 'dev'] as const)
      expect(await openedWith(name, after[`clusters/${name}/db.yaml`] ?? '')).toEqual({ password: 'two' });
  });
  it('counts below directories and from other directories too', async () => {
    const files = await sealedFiles();
    const argv = ['set', 'clusters', '--name', 'db', 'password=two'];
    const { code, files: after } = await run(argv, { files });
    expect(code).toBe(0);
    for (const name of ['prod', 'stage', 'dev'] as const)
      expect(await openedWith(name, after[`clusters/${name}/db.yaml`] ?? '')).toEqual({ password: 'two' });
  });
  it('does not keep other clusters from being changed where one certificate has expired', async () => {
    const files = await sealedFiles();
    const expired = await certificateOf('stage', new Date('2026-06-01T00:00:00Z'));
    const argv = ['set', ...Object.keys(files), 'password=two'];
    const more = { files: { ...files, 'clusters/stage/cert.pem': expired } };
    const { code, stderr, files: after } = await run(argv, more);
    expect(code).toBe(1);
    expect(stderr).toContain('error: clusters/stage/db.yaml: failed to encrypt using an expired certificate');
    expect(after['clusters/stage/db.yaml']).toBe(files['clusters/stage/db.yaml']);
    expect(await openedWith('dev', after['clusters/dev/db.yaml'] ?? '')).toEqual({ password: 'two' });
  });
  it('asks for no value where no file can be sealed', async () => {
    const files = await sealedFiles();
    const expired = await certificateOf('stage', new Date('2026-06-01T00:00:00Z'));
    const more = {
      files: { ...files, 'clusters/stage/cert.pem': expired },
      stdin: 'typed',
      tty: { stdin: true },
    };
    const { code, stderr } = await run(['set', 'clusters/stage/db.yaml', 'password'], more);
    expect(code).toBe(1);
    expect(stderr).not.toContain('value of');
  });
  it('pins fingerprints: another certificate in the file is refused', async () => {
    const more = { files: { 'clusters/prod/cert.pem': REPOSITORY['clusters/dev/cert.pem'] ?? '' } };
    const { code, stderr, files } = await create('clusters/prod/db.yaml', [], more);
    expect({ code, error: stderr.split('\n')[0] }).toEqual({
      code: 1,
      error: `error: the certificate has fingerprint ${PAIRS.dev.id}, not ${PAIRS.prod.id}`,
    });
    expect(files['clusters/prod/db.yaml']).toBeUndefined();
  });
  it('seals for no cluster where no rule matches, so that a mistyped pattern never means another cluster', async () => {
    const { code, stderr } = await create('cluster/prod.yaml', [], { files: { 'cluster/x': '' } });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: no rule of .kubeseal.yaml matches cluster/prod.yaml
hint: name a cluster with --for (prod, stage, dev), add a rule, or give --cert or --context
`,
    });
  });
  it('needs --for where there is no name of a file', async () => {
    const argv = ['create', 'shop/db', 'a=1', '-o', 'yaml'];
    const { stderr } = await run(argv);
    expect(stderr).toContain('.kubeseal.yaml goes by names of files, and stdin and stdout have none');
    const { code, stdout } = await run([...argv, '--for', 'dev']);
    expect(code).toBe(0);
    expect(await openedWith('dev', stdout)).toEqual({ a: '1' });
    const changed = await run(['set', '-', 'a=2', '--for', 'dev'], { stdin: stdout });
    expect(await openedWith('dev', changed.stdout)).toEqual({ a: '2' });
  });
  it.each([
    [['--for', 'prdo'], '.kubeseal.yaml has no cluster prdo\nhint: did you mean prod?'],
    [['--for', 'dev'], 'clusters/prod/db.yaml is for cluster prod by .kubeseal.yaml line 6, not for dev'],
    [['--for', 'prod', '--cert', 'c'], '--for and --cert exclude each other'],
    [['--config', 'x', '--no-config'], '--config and --no-config exclude each other'],
    [['--config', 'missing.yaml'], 'open missing.yaml: no such file or directory'],
    [['--for', 'prod', '--no-config'], '--for prod needs a settings file'],
    [
      ['--cert-fingerprint', 'SHA256:x'],
      `--cert-fingerprint is SHA256:x, but .kubeseal.yaml pins ${PAIRS.prod.id} for cluster prod`,
    ],
  ])('with %j is an error', async (argv, message) => {
    const { code, stderr } = await create('clusters/prod/db.yaml', argv);
    expect(code).toBe(1);
    expect(stderr).toContain(`error: ${message}`);
  });
  it('gives way to --cert, with a warning, and is not read with --no-config', async () => {
    const cert = REPOSITORY['clusters/dev/cert.pem'] ?? '';
    const given = await create('clusters/prod/db.yaml', ['--cert', 'c'], { files: { c: cert } });
    expect(given.stderr).toContain(
      'warning: --cert counts, and not cluster prod, for which .kubeseal.yaml line 6 has clusters/prod/db.yaml\n',
    );
    expect(await openedWith('dev', given.files['clusters/prod/db.yaml'] ?? '')).toEqual({ password: 'one' });
    const argv = ['create', 'shop/db', 'a=1', '-w', 'clusters/prod/x.yaml', '--cert', 'c', '--no-config'];
    const without = await run(argv, { files: { c: cert, '.kubeseal.yaml': 'damaged' } });
    expect({ code: without.code, warnings: without.stderr.match(/warning/g) }).toEqual({
      code: 0,
      warnings: null,
    });
  });
  it.each([
    ['SEALED_SECRETS_CERT', 'clusters/dev/cert.pem', 'cert'],
    ['SEALED_SECRETS_CONTROLLER_NAME', 'other', 'controller-name'],
  ])('is never overruled by %s, which holds for every cluster', async (variable, value, flag) => {
    const files = {
      '.kubeseal.yaml': SETTINGS.replaceAll('fingerprint:', 'controllerName: c, fingerprint:'),
    };
    const { code, stderr } = await create('clusters/prod/db.yaml', [], { env: { [variable]: value }, files });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: ${variable} says something else than .kubeseal.yaml does for cluster prod
hint: unset the variable, or decide on the command line with --${flag}
`,
    });
  });
  it('may agree with a variable', async () => {
    const env = { SEALED_SECRETS_CERT: './clusters/prod/../prod/cert.pem' };
    expect((await create('clusters/prod/db.yaml', [], { env })).code).toBe(0);
  });
  it('gives new SealedSecrets scope and format, and stderr says that the scope is wider', async () => {
    const files = withRule(
      '{paths: [wide], cluster: prod, scope: namespace-wide, format: yaml, namespace: blue}',
    );
    const { stderr, files: after } = await create('wide', [], { files });
    expect(stderr).toContain('with password; .kubeseal.yaml line 6 makes its scope namespace-wide\n');
    expect(after['wide']).toMatch(
      /^---\napiVersion: [\s\S]*sealedsecrets.bitnami.com\/namespace-wide: "true"/,
    );
    const strict = await create('wide', ['--scope', 'strict', '-o', 'json', '-n', 'green'], { files });
    expect(strict.files['wide']).toMatch(/^\{/);
    expect(strict.files['wide']).not.toContain('wide": "true"');
    expect(strict.stderr).toContain(
      'warning: wide is for namespace blue by .kubeseal.yaml line 6, and green counts',
    );
  });
  it('requires labels', async () => {
    const files = withRule(
      '{paths: ["**"], cluster: prod, namespace: a, requiredLabels: [team, app.test/x]}',
    );
    const { code, stderr } = await create('f.yaml', ['-l', 'team=a'], { files });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: f.yaml lacks the label app.test/x, which .kubeseal.yaml line 6 requires
hint: give --label app.test/x=VALUE
`,
    });
    expect((await create('f.yaml', ['-l', 'team=a', '-l', 'app.test/x=b'], { files })).code).toBe(0);
  });
  it('takes no namespace from the context of another cluster', async () => {
    const kubeconfig =
      'current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: market}}]\nclusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]\nusers: [{name: u, user: {token: t}}]\n';
    const files = { ...withRule('{paths: ["**"], cluster: prod}'), kubeconfig };
    const { code, stderr } = await create('f.yaml', ['--kubeconfig', 'kubeconfig'], { files });
    expect({ code, error: stderr.match(/^error: .*/m)?.[0] }).toEqual({
      code: 1,
      error: 'error: the namespace of db is missing',
    });
  });
  it('does not change what the command line of upstream does', async () => {
    const stdin = 'metadata: {name: a, namespace: blue}\nstringData: {a: b}\n';
    const argv = ['--cert', 'clusters/dev/cert.pem', '-w', 'clusters/prod/x.yaml'];
    const { code, stderr, files } = await run(argv, { stdin, files: { '.kubeseal.yaml': 'damaged' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await openedWith('dev', files['clusters/prod/x.yaml'] ?? '')).toEqual({ a: 'b' });
  });
});
