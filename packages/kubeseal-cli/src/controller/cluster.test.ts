import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { apiClient } from '../../../../test/support/api/api-client.ts';
import { applyObject } from '../../../../test/support/api/apply.ts';
import { type ClusterWorld, startClusterWorld } from '../testing/cluster-world.ts';
import { CERT, KEY, vector } from '../testing/keys.ts';
import { runCli } from '../testing/run-cli.ts';

const SECRET = 'metadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';

let world: ClusterWorld;

beforeAll(async () => {
  world = await startClusterWorld();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

describe('the certificate from the cluster', () => {
  it('comes through the service proxy, byte for byte', async () => {
    const result = await world.run(['--fetch-cert']);
    expect(result).toMatchObject({ code: 0, stdout: CERT, stderr: '' });
    expect(world.controller.seen[0]).toMatchObject({ method: 'GET', path: '/v1/cert.pem' });
    expect(world.controller.seen[0]?.headers.accept).toBe('application/x-pem-file, */*');
  });
  it.each([[[]], [['--disable-compression']]])(
    'is never asked for in compressed form, with %j',
    async (argv) => {
      expect((await world.run(['--fetch-cert', ...argv])).stdout).toBe(CERT);
      expect(world.controller.seen.map(({ headers }) => headers['accept-encoding'])).toEqual([undefined]);
    },
  );
  it('seals', async () => {
    const sealed = await world.run(['-oyaml'], { stdin: SECRET });
    expect(sealed).toMatchObject({ code: 0, stderr: '' });
    const opened = await runCli({
      argv: ['--recovery-unseal', '--recovery-private-key', 'k', '-oyaml'],
      files: { k: KEY },
      stdin: sealed.stdout,
    });
    expect(opened.stdout).toContain(`password: ${btoa('hunter2')}`);
  });
  it('is requested again if the controller says when', async () => {
    let refusals = 2;
    world.controller.override = () =>
      refusals-- > 0 ? { status: 429, headers: { 'retry-after': '0' } } : undefined;
    expect(await world.run(['--fetch-cert'])).toMatchObject({ code: 0, stdout: CERT });
    expect(world.controller.seen).toHaveLength(3);
  });
  it('is requested again after the milliseconds that the controller names, and from then on after its seconds', async () => {
    const pauses = [
      { 'retry-after': '600', 'retry-after-ms': '1' },
      { 'retry-after': '0', 'retry-after-ms': '600000' },
    ];
    world.controller.override = () => {
      const headers = pauses.shift();
      return headers && { status: 429, headers };
    };
    expect(await world.run(['--fetch-cert'])).toMatchObject({ code: 0, stdout: CERT });
    expect(world.controller.seen).toHaveLength(3);
  });
  describe('behind a proxy that chooses a replica that has died', () => {
    const refusal = JSON.stringify({
      kind: 'Status',
      message: 'error trying to reach service: dial tcp 10.0.0.7:8080: connect: connection refused',
    });
    const refuse = (times: number) => {
      let refusals = times;
      world.controller.override = () => (refusals-- > 0 ? { status: 503, body: refusal } : undefined);
    };
    it('is requested a second time', async () => {
      refuse(1);
      expect(await world.run(['--fetch-cert'])).toMatchObject({ code: 0, stdout: CERT, stderr: '' });
      expect(world.controller.seen).toHaveLength(2);
    });
    it('is not requested a third time', async () => {
      refuse(9);
      const { code, stderr } = await world.run(['--fetch-cert']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: cannot fetch certificate: error trying to reach service: dial tcp/);
      expect(world.controller.seen).toHaveLength(2);
    });
    it('is not requested again after another failure', async () => {
      world.controller.override = () => ({ status: 503, body: '{"message":"no endpoints available"}' });
      expect((await world.run(['--fetch-cert'])).code).toBe(1);
      expect(world.controller.seen).toHaveLength(1);
    });
  });
  it('fails with the controller’s own words when it has none', async () => {
    world.controller.override = () => ({ status: 500, body: 'cannot get certificate\n' });
    const result = await world.run(['--fetch-cert']);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('error: cannot fetch certificate: the server answered 500');
  });
  it('is waited for no longer than --request-timeout', async () => {
    world.controller.override = () => 'hang';
    const result = await world.run(['--fetch-cert', '--request-timeout=200ms']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('no answer within --request-timeout');
  });
  it('is refused to a token that the API server does not know, with a hint', async () => {
    const { code, stderr } = await world.run(['--fetch-cert', '--token=stale']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: cannot get sealed secret service: Unauthorized/);
    expect(stderr).toMatch(/^hint: the API server does not accept these credentials/m);
  });
  it('is refused to a user without rights, in the words of the API server', async () => {
    const path = await world.cluster.kubeconfigFor({ namespace: 'shop', name: 'guest' });
    const result = await runCli({ argv: ['--fetch-cert', '--kubeconfig', path] });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /^error: cannot get sealed secret service: services "sealed-secrets-controller" is forbidden/,
    );
  });
});

describe('the cached certificate', () => {
  const env = { XDG_CACHE_HOME: '' };
  const cached = async (argv: readonly string[], now?: Date) =>
    world.run(argv, { env, ...(now ? { now } : {}) });
  beforeAll(async () => {
    env.XDG_CACHE_HOME = await mkdtemp(join(tmpdir(), 'kubeseal-cache-'));
    expect((await cached(['--fetch-cert'])).code).toBe(0);
  });
  it('is checked with its ETag and used when it has not changed', async () => {
    expect(await cached(['--fetch-cert'])).toMatchObject({ code: 0, stdout: CERT });
    expect(world.controller.seen.at(-1)?.headers['if-none-match']).toBe('"one"');
  });
  describe('while the cluster cannot be reached', () => {
    beforeAll(() => world.cluster.apiServer.pause());
    afterAll(() => world.cluster.apiServer.resume());
    it('serves --offline with a warning', async () => {
      const result = await cached(['--fetch-cert', '--offline', '--warnings=always']);
      expect(result).toMatchObject({ code: 0, stdout: CERT });
      expect(result.stderr).toMatch(
        /^warning: the cluster cannot be reached; using the certificate fetched on 20/,
      );
    });
    it('is offered where --offline is missing', async () => {
      const result = await cached(['--fetch-cert']);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toContain('hint: a certificate of this cluster is cached: --offline uses it');
    });
    it.each([
      ['--cert-cache-ttl=0', new Date()],
      ['--cert-cache-ttl=1h', new Date(Date.now() + 7_200_000)],
    ] as const)('does not serve past %s', async (ttl, now) => {
      expect(await cached(['--fetch-cert', '--offline', ttl], now)).toMatchObject({ code: 1, stdout: '' });
    });
    it('belongs to one controller only', async () => {
      expect((await cached(['--fetch-cert', '--offline', '--controller-name=other'])).code).toBe(1);
    });
  });
});

describe('a certificate that fails a check', () => {
  const GOOD = '--cert-fingerprint=SHA256:C/Jg8H3nJulW7dkigIiVbQscSRQYQjvmv/77YzO5kXs';
  const serve = (body: string) => {
    world.controller.override = () => ({ status: 200, body, headers: { etag: '"other"' } });
  };
  it.each([
    ['another one than the pinned one', vector('x509/rsa-b.crt'), [GOOD], new Date()],
    ['an HTML page', '<html>log in</html>', [], new Date()],
    ['an expired one', CERT, [], new Date('2400-01-01')],
  ])('is not kept for --offline: %s', async (_, body, argv, now) => {
    const env = { XDG_CACHE_HOME: await mkdtemp(join(tmpdir(), 'kubeseal-cache-')) };
    expect(await world.run(['--fetch-cert'], { env })).toMatchObject({ code: 0, stdout: CERT });
    serve(body);
    expect(await world.run(argv, { env, now, stdin: SECRET })).toMatchObject({ code: 1, stdout: '' });
    world.controller.override = () => ({ status: 503 });
    expect(await world.run(['--offline', '--fetch-cert'], { env })).toMatchObject({ code: 0, stdout: CERT });
  });
  it('is not kept beside a good one either', async () => {
    const env = { XDG_CACHE_HOME: await mkdtemp(join(tmpdir(), 'kubeseal-cache-')) };
    serve(CERT + vector('x509/rsa-b.crt'));
    expect((await world.run([GOOD], { env, stdin: SECRET })).code).toBe(0);
    world.controller.override = () => ({ status: 503 });
    expect(await world.run(['--offline', '--fetch-cert'], { env })).toMatchObject({ code: 0, stdout: CERT });
  });
  it('is printed by --fetch-cert as it is, and not kept either', async () => {
    const env = { XDG_CACHE_HOME: await mkdtemp(join(tmpdir(), 'kubeseal-cache-')) };
    serve('no certificate');
    expect(await world.run(['--fetch-cert'], { env })).toMatchObject({ code: 0, stdout: 'no certificate' });
    world.controller.override = () => ({ status: 503 });
    expect(await world.run(['--offline', '--fetch-cert'], { env })).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('a controller under another name', () => {
  let client: Awaited<ReturnType<typeof apiClient>>;
  const label = (namespace: string, name: string) =>
    client.patch(`/api/v1/namespaces/${namespace}/services/${name}`, 'merge', {
      metadata: { labels: { 'app.kubernetes.io/name': 'sealed-secrets' } },
    });
  beforeAll(async () => {
    client = await apiClient(world.cluster.adminKubeconfig);
    await world.cluster.exposeService({
      namespace: 'sealing',
      name: 'sealed-secrets',
      port: world.controller.port,
    });
    await label('sealing', 'sealed-secrets');
    await world.cluster.exposeService({
      namespace: 'elsewhere',
      name: 'sealed-secrets',
      port: world.controller.port,
    });
    await label('elsewhere', 'sealed-secrets');
  });
  afterAll(() => client.close());
  it('is found by its labels in the namespace that was named', async () => {
    const result = await world.run(['--fetch-cert', '--controller-namespace=sealing', '--warnings=always']);
    expect(result).toMatchObject({ code: 0, stdout: CERT });
    expect(result.stderr).toBe(
      "note: no Service sealing/sealed-secrets-controller; using sealing/sealed-secrets, which has a controller's labels\n",
    );
  });
  it('is not used when another name was asked for, but named', async () => {
    const result = await world.run([
      '--fetch-cert',
      '--controller-namespace=sealing',
      '--controller-name=mine',
    ]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain(
      'error: cannot get sealed secret service: services "mine" not found.\nPlease, use the flag --controller-name',
    );
    expect(result.stderr).toContain(
      'hint: found by labels, try: --controller-namespace sealing --controller-name sealed-secrets',
    );
  });
  it('is not called missing to a user who may not list Services', async () => {
    const rule = { apiGroups: [''], resources: ['services'], verbs: ['get'] };
    const role = { namespace: 'sealing', name: 'reader' };
    const guest = { namespace: 'shop', name: 'reader' };
    const group = 'rbac.authorization.k8s.io';
    await applyObject(client, { apiVersion: `${group}/v1`, kind: 'Role', metadata: role, rules: [rule] });
    await applyObject(client, {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata: role,
      roleRef: { apiGroup: group, kind: 'Role', name: role.name },
      subjects: [{ kind: 'ServiceAccount', ...guest }],
    });
    const path = await world.cluster.kubeconfigFor(guest);
    const argv = ['--fetch-cert', '--controller-namespace=sealing', '--kubeconfig', path];
    const { code, stderr } = await runCli({ argv });
    expect(code).toBe(1);
    expect(stderr).toMatch(/services "sealed-secrets-controller" not found/);
    expect(stderr).not.toContain('hint:');
  });
  it('is never used from another namespace: anyone could label a Service there', async () => {
    const result = await world.run(['--fetch-cert', '--controller-namespace=default']);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('; or: --controller-namespace sealing --controller-name sealed-secrets');
  });
});
