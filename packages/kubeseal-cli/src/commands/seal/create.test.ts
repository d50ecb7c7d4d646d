import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CERT, KEY } from '../../testing/keys.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const SEAL = ['--cert', 'c', '--quiet', '-w', 'out.yaml'];
const create = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ ...more, argv: ['create', ...SEAL, ...argv], files: { c: CERT, ...more.files } });

/** The Secret that `create` sealed, opened with the private key. */
async function created(argv: readonly string[], more: Partial<CliRun> = {}) {
  const { code, stderr, files } = await create(argv, more);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  const sealed = files['out.yaml'] ?? '';
  const opened = await runCli({
    argv: ['--recovery-unseal', '--recovery-private-key', 'k'],
    files: { k: KEY },
    stdin: sealed,
  });
  const secret = JSON.parse(opened.stdout) as { type?: string; data: Record<string, string | null> };
  const data = Object.entries(secret.data).map(([item, value]) => [
    item,
    Buffer.from(value ?? '', 'base64').toString('latin1'),
  ]);
  return { type: secret.type, data: Object.fromEntries(data) as Record<string, string>, sealed, stderr };
}

describe('kubeseal create', () => {
  it('seals values byte for byte: of arguments, files, stdin and the terminal', async () => {
    const files = { bin: Buffer.from([0, 255, 10]) };
    const argv = ['shop/db', 'a=x=@y ', 'b=', 'c=@bin'];
    const { data } = await created([...argv, 'd=@-'], { files, stdin: 'one\ntwo' });
    expect(data).toEqual({ a: 'x=@y ', b: '', c: '\0\xff\n', d: 'one\ntwo' });
    const typed = await created([...argv, 'd'], { files, stdin: 'typed', tty: { stdin: true } });
    expect(typed.data['d']).toBe('typed');
    expect(typed.stderr).toBe('value of d: ');
  });
  it('makes values at random that nothing shows', async () => {
    const { data, sealed, stderr } = await created(['shop/db', '--generate=p=password:16', '--quiet=false']);
    expect(data['p']).toMatch(/^[A-Za-z0-9]{16}$/);
    expect(stderr).toContain('note: created shop/db in out.yaml with p\n');
    expect(sealed + stderr).not.toContain(data['p']);
  });
  it('warns once at a terminal of values that the shell keeps, and never quotes them', async () => {
    const argv = ['create', 'shop/db', 'a=hunter2', 'b=hunter2', '--cert', 'c'];
    const run = (stderr: boolean) => runCli({ argv, files: { c: CERT }, tty: { stderr } });
    const { stderr } = await run(true);
    expect(stderr.match(/^warning: a value among the arguments/gm)).toHaveLength(1);
    expect(stderr).not.toContain('hunter2');
    expect((await run(false)).stderr).not.toContain('warning');
  });
  it('takes the namespace of the context, and says so', async () => {
    const kubeconfig =
      'current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: market}}]\nclusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]\nusers: [{name: u, user: {token: t}}]\n';
    const argv = ['create', 'db', 'a=1', '--cert', 'c', '--kubeconfig', 'kc'];
    const { code, stdout, stderr } = await runCli({ argv, files: { c: CERT, kc: kubeconfig } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ metadata: { name: 'db', namespace: 'market' } });
    expect(stderr).toContain('note: db has no namespace: sealing for market');
  });
  it('needs no namespace for the scope cluster-wide', async () => {
    const { sealed } = await created(['db', 'a=1', '--scope', 'cluster-wide']);
    expect(sealed).not.toContain('namespace:');
  });
  it('accepts a certificate with its own key', async () => {
    const files = { 'web.crt': CERT, 'web.key': KEY };
    const argv = ['shop/web', '--type', 'tls', 'tls.crt=@web.crt', 'tls.key=@web.key'];
    const { type, data } = await created(argv, { files });
    expect({ type, crt: data['tls.crt'] }).toEqual({ type: 'kubernetes.io/tls', crt: files['web.crt'] });
  });
  it('makes the configuration of a registry like kubectl', async () => {
    const argv = ['shop/pull', '--type', 'docker-registry', 'username=ann', 'password=pw', 'email=a@b.test'];
    const { type, data } = await created(argv);
    expect(type).toBe('kubernetes.io/dockerconfigjson');
    expect(data).toEqual({
      '.dockerconfigjson':
        '{"auths":{"https://index.docker.io/v1/":{"username":"ann","password":"pw","email":"a@b.test","auth":"YW5uOnB3"}}}',
    });
  });
  it('accepts a private key of SSH', async () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const argv = ['shop/git', '--type', 'ssh-auth', 'ssh-privatekey=@key'];
    const { type } = await created(argv, { files: { key } });
    expect(type).toBe('kubernetes.io/ssh-auth');
  });
  it.each([
    [['--type', 'tls', 'tls.crt=@c'], 'type kubernetes.io/tls needs the item tls.key'],
    [['--type', 'tls', 'tls.crt=x', 'tls.key=y'], 'tls.crt is not a certificate in PEM'],
    [
      ['--type', 'tls', 'tls.crt=@c', 'tls.key=y'],
      'tls.key is not a private key in PEM without a passphrase',
    ],
    [['--type', 'ssh-auth', 'ssh-privatekey=x'], 'ssh-privatekey is not a private key'],
    [['--type', 'basic-auth', 'a=x'], 'type kubernetes.io/basic-auth needs the item username or password'],
    [
      ['--type', 'docker-registry', 'username=x'],
      'type docker-registry needs the item .dockerconfigjson, or username, password and optionally server and email',
    ],
    [
      ['--type', 'docker-registry', '.dockerconfigjson={}'],
      '.dockerconfigjson has no field auths, as docker login writes it',
    ],
    [['a=@-', 'b=@-'], 'stdin can be read only once'],
    [['a=@missing'], 'open missing: no such file or directory'],
    [['--from-env-file', 'env', 'A=2'], 'item A is given twice'],
    [['--from-json', 'json'], 'the name of the item "a b" is refused by Kubernetes'],
    [['a=@large'], 'with the item a the Secret holds more than 1 MiB, which Kubernetes refuses'],
    [
      ['a=@half', 'b=@half', 'c=x'],
      'with the item c the Secret holds more than 1 MiB, which Kubernetes refuses',
    ],
  ])('fails for %j and writes nothing', async (argv, message) => {
    const files = {
      env: 'A=1',
      json: '{"a b": "x"}',
      large: Buffer.alloc(1_048_577),
      half: Buffer.alloc(524_288),
    };
    const { code, stderr, stdout, files: after } = await create(['shop/db', ...argv], { files });
    expect({ code, stdout, error: stderr.split('\n')[0] }).toEqual({
      code: 1,
      stdout: '',
      error: `error: ${message}`,
    });
    expect(after['out.yaml']).toBeUndefined();
  });
  it.each([
    [['shop/db'], 'create: no item is given'],
    [[], 'create: it needs [NAMESPACE/]NAME [ITEM[=VALUE]]...'],
    [['a/b/c', 'x=1'], 'create: the first argument is not [NAMESPACE/]NAME as Kubernetes allows it'],
    [['a.b/c', 'x=1'], 'create: the first argument is not [NAMESPACE/]NAME as Kubernetes allows it'],
    [['/c', 'x=1'], 'create: the first argument is not [NAMESPACE/]NAME as Kubernetes allows it'],
    [['shop/db', '-n', 'blue', 'x=1'], 'create: the namespace is shop in shop/db and blue in -n'],
    [['shop/db', 'x=1', '-l', 'a=b c'], 'create: --label is not KEY=VALUE as Kubernetes allows it'],
    [
      ['shop/db', 'x=1', '--annotation', 'a'],
      'create: --annotation is not KEY=VALUE as Kubernetes allows it',
    ],
    [['shop/db', 'x=1', '-l', 'a=b', '-l', 'a=c'], 'create: --label gives a twice'],
    [['shop/db', 'x=@'], 'create: item x names no file'],
    [['shop/db', 'x=1', '-oxml'], 'create: unsupported output format: xml'],
  ])('refuses the command line %j', async (argv, message) => {
    const { code, stderr } = await runCli({ argv: ['create', ...argv, '--cert', 'c'], files: { c: CERT } });
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 2, error: `error: ${message}` });
  });
});

it('does not replace a file that came into being while it read the values', async () => {
  const prepare = async (directory: string) => {
    execFileSync('mkfifo', ['p'], { cwd: directory });
    // opening the pipe waits for the reader, who has looked for the file by then
    spawn('sh', ['-c', 'exec 3>p; echo other >out.yaml; printf value >&3'], { cwd: directory });
  };
  const { code, stderr, files } = await create(['shop/db', 'a=@p'], { prepare });
  expect({ code, error: stderr.split('\n')[0], text: files['out.yaml'] }).toEqual({
    code: 1,
    error: 'error: out.yaml exists already',
    text: 'other\n',
  });
});
