import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CERT, KEY } from '../../testing/keys.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const create = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({
    ...more,
    argv: ['create', 'shop/db', '--cert', 'c', '-w', 'out.yaml', ...argv],
    files: { c: CERT, ...more.files },
  });

/** The items of a SealedSecret that `create` wrote. */
async function openedOf(sealed = ''): Promise<Record<string, string>> {
  const argv = ['--recovery-unseal', '--recovery-private-key', 'k'];
  const { stdout } = await runCli({ argv, files: { k: KEY }, stdin: sealed });
  const data = Object.entries((JSON.parse(stdout) as { data: Record<string, string> }).data);
  return Object.fromEntries(data.map(([item, value]) => [item, Buffer.from(value, 'base64').toString()]));
}

describe('kubeseal create --generate of key pairs', () => {
  it('seals a new SSH key and prints its public half on request, never the private one', async () => {
    const argv = ['--type', 'ssh-auth', '--generate', 'ssh-privatekey=ssh'];
    const { code, stdout, stderr, files } = await create([...argv, '--print-public']);
    const items = await openedOf(files['out.yaml']);
    expect(code).toBe(0);
    expect(stdout).toBe(items['ssh-publickey']);
    expect(stdout).toMatch(/^ssh-ed25519 [\w+/]+=*\n$/);
    expect(stderr).toContain('with ssh-privatekey, ssh-publickey');
    expect(stderr).not.toContain('line break');
    expect(stdout + stderr + files['out.yaml']).not.toContain('PRIVATE KEY');
    expect((await create(argv)).stdout).toBe('');
  });
  it('seals a new certificate with its key as a Secret of type tls', async () => {
    const argv = ['--type', 'tls', '--generate', 'tls=tls:web.test', '--print-public'];
    const { stdout, files } = await create(argv);
    const items = await openedOf(files['out.yaml']);
    expect(Object.keys(items)).toEqual(['tls.crt', 'tls.key']);
    expect(new X509Certificate(stdout).subject).toBe('CN=web.test');
  });
  it.each([
    [['a=1', '--print-public'], '--print-public needs a key pair'],
    [['-w', '-', '--generate=a=ssh', '--print-public'], '--print-public needs a file for the SealedSecret'],
    [['a.pub=1', '--generate=a=ssh'], 'item a.pub is given twice'],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr, files } = await create(argv);
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 2, error: `error: create: ${message}` });
    expect(files['out.yaml']).toBeUndefined();
  });
});

describe('kubeseal create --template', () => {
  const URL_TEMPLATE = 'url=postgres://{{ .user }}:{{ .password }}@db';
  it('adds an item that the controller makes of the others', async () => {
    const files = { url: 'postgres://{{ .user }}:{{ .password }}@db\n' };
    const {
      code,
      stderr,
      files: after,
    } = await create(['user=ann', 'password=hunter2-', '--template', 'url=@url'], { files });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('with password, user, url'),
    });
    expect(after['out.yaml']).toContain('url: |\n        postgres://{{ .user }}');
    expect(await openedOf(after['out.yaml'])).toEqual({
      user: 'ann',
      password: 'hunter2-',
      url: 'postgres://ann:hunter2-@db\n',
    });
  });
  it('counts what templates print for the items of a type', async () => {
    const config = '.dockerconfigjson={"auths":{"r.test":{"auth":"{{ print .user ":" .pw | b64enc }}"}}}';
    const { code, files } = await create([
      ...['user=ann', 'pw=x', '--type', 'docker-registry', '--template', config],
    ]);
    expect(code).toBe(0);
    expect(files['out.yaml']).toContain('type: kubernetes.io/dockerconfigjson');
  });
  it('warns of an item that is not sealed', async () => {
    const { code, stderr } = await create(['user=ann', '--template', 'url=x{{ .pasword }}']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('warning: the template of url names an item that is not sealed'),
    });
  });
  it.each([
    [
      ['password=hunter2-', '--template', 'url=x:hunter2-'],
      'the template of url holds the value of password in the clear',
    ],
    [
      [
        'password=hunter2-',
        '--template',
        `url={{ "${Buffer.from('hunter2-').toString('base64')}" | b64dec }}`,
      ],
      'the template of url holds the value of password in base64',
    ],
    [['a=1', '--template', 'b=@missing'], 'open missing: no such file or directory'],
    [['a=1', '--template', 'b={{ .a'], 'the template of b: '],
    [
      ['a=@half', '--template', 'b={{ .a }}{{ .a }}'],
      'with the item b the Secret holds more than 1 MiB, which Kubernetes refuses',
    ],
  ])('fails for %j, quotes no value and writes nothing', async (argv, message) => {
    const { code, stderr, files } = await create(argv, { files: { half: 'x'.repeat(524_288) } });
    expect({ code, error: stderr.split('\n').find((line) => line.startsWith('error')) }).toEqual({
      code: 1,
      error: expect.stringContaining(`error: ${message}`),
    });
    expect(stderr).not.toContain('hunter2');
    expect(files['out.yaml']).toBeUndefined();
  });
  it.each([
    [['a=1', '--template', URL_TEMPLATE, '--template', URL_TEMPLATE], 'item url is given twice'],
    [['url=1', '--template', URL_TEMPLATE], 'item url is given twice'],
    [['a=1', '--template', 'b'], 'the template of b is missing'],
    [['--template', 'a=b'], 'no item is given'],
  ])('refuses the command line %j', async (argv, message) => {
    const { code, stderr } = await create(argv);
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 2, error: `error: create: ${message}` });
  });
});
