import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { CERT, vector } from '../../testing/keys.ts';

const SEALED = vector('kubeseal/out-tls.yaml');
const FINGERPRINT = 'SHA256:C/Jg8H3nJulW7dkigIiVbQscSRQYQjvmv/77YzO5kXs';
const SECRET = 'metadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';

interface Answer {
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
  spec: {
    template: {
      type?: string;
      immutable?: boolean;
      data?: Record<string, string>;
      metadata: { labels?: Record<string, string>; annotations?: Record<string, string> };
    };
    encryptedData: Record<string, string>;
  };
}

let world: ClusterWorld;

beforeAll(async () => {
  world = await startClusterWorld();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

describe('--validate', () => {
  it('is silent about what the controller can open', async () => {
    expect(await world.run(['--validate'], { stdin: SEALED })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(world.controller.seen.at(-1)).toMatchObject({ method: 'POST', path: '/v1/verify' });
  });
  it('names the first object that it cannot open', async () => {
    const result = await world.run(['--validate'], {
      stdin: `${SEALED}---\n${SEALED.replace('name: tls', 'name: moved')}`,
    });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(
      /^error: unable to decrypt sealed secret: moved\nhint: in document 3 of stdin: /,
    );
  });
  it('distinguishes other errors', async () => {
    world.controller.override = () => ({ status: 500 });
    const result = await world.run(['--validate'], { stdin: SEALED });
    expect(result.stderr).toMatch(/^error: cannot validate sealed secret: the server answered 500/);
  });
  it('fails for empty input', async () => {
    expect((await world.run(['--validate'])).code).toBe(1);
    expect(world.controller.seen).toEqual([]);
  });
  it('sends the SealedSecrets among other objects, and nothing else', async () => {
    const stdin = `kind: Secret\n${SECRET}---\n${SEALED}---\nkind: ConfigMap\n`;
    expect((await world.run(['--validate'], { stdin })).code).toBe(0);
    expect(world.controller.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/verify']);
  });
  it('never sends a plain Secret', async () => {
    expect((await world.run(['--validate'], { stdin: `kind: Secret\n${SECRET}` })).code).toBe(1);
    expect(world.controller.seen).toEqual([]);
  });
});

describe.each(['--validate', '--re-encrypt'])('%s with flags that are meant for sealing', (mode) => {
  const files = { 'a.pem': CERT, 'b.pem': vector('x509/rsa-b.crt') };
  const run = (argv: readonly string[], env: Record<string, string> = {}, stdin = SEALED) =>
    world.run([mode, ...argv], { stdin, files, env });
  const sent = () => world.controller.seen.filter(({ method }) => method === 'POST');
  it.each([
    ['a pin', [`--cert-fingerprint=${FINGERPRINT}`]],
    ["the controller's certificate", ['--cert=a.pem']],
    ['its own place', ['-n=blue', '--name=tls', '--scope=strict']],
  ])('does its work with %s', async (_, argv) => {
    expect(await run(argv)).toMatchObject({ code: 0, stderr: '' });
    expect(sent()).toHaveLength(1);
  });
  it.each([
    ['another pin', ['--cert-fingerprint=SHA256:AAAA'], /has fingerprint SHA256:.*, not SHA256:AAAA\n/],
    [
      'another certificate',
      ['--cert=b.pem'],
      /^error: the controller's certificate has fingerprint .*--cert has/,
    ],
    ['a certificate that is not there', ['--cert=c.pem'], /^error: open c.pem: no such file/],
    [
      'another namespace',
      ['-n=green'],
      /^error: --namespace is green but document 1 of stdin has namespace blue/,
    ],
    ['another name', ['--name=x'], /^error: --name is x but document 1 of stdin has name tls/],
    ['another scope', ['--scope=cluster-wide'], /^error: --scope is cluster-wide but .* has scope strict/],
  ])('sends nothing with %s', async (_, argv, message) => {
    const { code, stdout, stderr } = await run(argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(sent()).toEqual([]);
  });
  it('respects a pin that a variable sets', async () => {
    expect((await run([], { SEALED_SECRETS_CERT_FINGERPRINT: 'SHA256:AAAA' })).code).toBe(1);
    expect(sent()).toEqual([]);
  });
  it('ignores variables that are meant for sealing', async () => {
    const env = {
      SEALED_SECRETS_CERT: 'b.pem',
      SEALED_SECRETS_SCOPE: 'cluster-wide',
      SEALED_SECRETS_NAMESPACE: 'green',
    };
    expect((await run([], env)).code).toBe(0);
  });
  it('gives the namespace of -n to a SealedSecret that has none', async () => {
    const stdin = SEALED.replace(/^ {2}namespace: blue\n/m, '');
    expect((await run([], {}, stdin)).code).toBe(1);
    expect(await run(['-n', 'blue'], {}, stdin)).toMatchObject({ code: 0, stderr: '' });
    expect((await run(['-n', 'green'], {}, stdin)).code).toBe(1);
  });
});

describe('--re-encrypt through the controller', () => {
  it('prints what the controller answers, without what the API server owns', async () => {
    const result = await world.run(['--re-encrypt'], { stdin: SEALED });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      kind: 'SealedSecret',
      metadata: { name: 'tls', namespace: 'blue' },
    });
    expect(result.stdout).not.toContain('generation');
    expect(result.stdout).not.toContain('creationTimestamp');
  });
  it('changes a file in place and leaves its comments', async () => {
    const before = `# mine\n${SEALED}`;
    const { code, files, stdout, modes } = await world.run(['--re-encrypt', '-f', 's.yaml'], {
      files: { 's.yaml': before },
      modes: { 's.yaml': 0o644 },
    });
    expect({ code, stdout, mode: modes['s.yaml'] }).toEqual({ code: 0, stdout: '', mode: 0o644 });
    const masked = (text = '') => text.replace(/Ag[A-Za-z0-9+/=]{100,}/g, '*');
    expect(masked(files['s.yaml'])).toBe(masked(before));
    expect(files['s.yaml']).not.toBe(before);
  });
  it.each([
    ['cannot open it', 409, undefined, 'error: unable to rotate secret'],
    ['fails', 500, undefined, 'error: cannot re-encrypt secret: the server answered 500'],
    ['answers nonsense', 200, 'hello', 'error: cannot re-encrypt secret: the answer is not JSON'],
    [
      'widens the scope',
      200,
      JSON.stringify({
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { name: 'tls', annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
        spec: { encryptedData: {} },
      }),
      'error: the controller answered with another scope',
    ],
    [
      'loses an item',
      200,
      JSON.stringify({
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { name: 'tls', namespace: 'blue' },
        spec: {
          template: { type: 'kubernetes.io/tls', immutable: true },
          encryptedData: { 'tls.crt': 'AgB=' },
        },
      }),
      'error: the answer lacks the item tls.key',
    ],
  ])('leaves the file alone when the controller %s', async (_title, status, body, message) => {
    world.controller.override = ({ path }) =>
      path === '/v1/rotate' ? { status, ...(body === undefined ? {} : { body }) } : undefined;
    const { code, files, stderr } = await world.run(['--re-encrypt', '-f', 's.yaml'], {
      files: { 's.yaml': SEALED },
    });
    expect(code).toBe(1);
    expect(stderr.startsWith(message)).toBe(true);
    expect(files['s.yaml']).toBe(SEALED);
  });
  it.each<[string, (answer: Answer) => unknown]>([
    [
      'scope',
      ({ metadata }) => (metadata.annotations = { 'sealedsecrets.bitnami.com/namespace-wide': 'true' }),
    ],
    ['name', ({ metadata }) => (metadata.name = 'other')],
    ['namespace', ({ metadata }) => (metadata.namespace = 'green')],
    ['namespace', ({ metadata }) => delete metadata.namespace],
    ['type', ({ spec }) => (spec.template.type = 'kubernetes.io/service-account-token')],
    ['set of items', ({ spec }) => (spec.encryptedData['extra'] = 'AgB=')],
    ['template', ({ spec }) => (spec.template.immutable = false)],
    ['template', ({ spec }) => (spec.template.data = { x: '{{ index . "tls.key" }}' })],
    ['template', ({ spec }) => (spec.template.metadata.labels = { 'sealedsecrets.bitnami.com/x': 'active' })],
    ['template', ({ spec }) => (spec.template.metadata.annotations = { 'replicate-to': '*' })],
  ])('refuses an answer with another %s', async (what, change) => {
    const answer = JSON.parse((await world.run(['--re-encrypt'], { stdin: SEALED })).stdout) as Answer;
    change(answer);
    world.controller.override = ({ path }) =>
      path === '/v1/rotate' ? { status: 200, body: JSON.stringify(answer) } : undefined;
    const { code, stdout, stderr } = await world.run(['--re-encrypt'], { stdin: SEALED });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error: the controller answered with another ${what} than`));
  });
  it('accepts the answer of upstream: rendered templates among the sealed items, and no templates', async () => {
    const template = '  template:\n    data:\n      file: "{{ 1 }}"\n';
    const stdin = SEALED.replace(/ {2}template:\n/, template);
    const answer = JSON.parse((await world.run(['--re-encrypt'], { stdin })).stdout) as Answer;
    delete answer.spec.template.data;
    answer.spec.encryptedData['file'] = answer.spec.encryptedData['tls.key'] ?? '';
    world.controller.override = ({ path }) =>
      path === '/v1/rotate' ? { status: 200, body: JSON.stringify(answer) } : undefined;
    const result = await world.run(['--re-encrypt'], { stdin });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect((JSON.parse(result.stdout) as Answer).spec).toEqual(answer.spec);
  });
  it('keeps the templates that an answer of upstream lacks since 0.40, and what they leave out', async () => {
    const template = '  template:\n    data:\n      file: "{{ 1 }}"\n      tls.key: null\n';
    const stdin = SEALED.replace(/ {2}template:\n/, template);
    const answer = JSON.parse((await world.run(['--re-encrypt'], { stdin })).stdout) as Answer;
    delete answer.spec.template.data;
    world.controller.override = ({ path }) =>
      path === '/v1/rotate' ? { status: 200, body: JSON.stringify(answer) } : undefined;
    const result = await world.run(['--re-encrypt'], { stdin });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const { template: kept } = (JSON.parse(result.stdout) as Answer).spec;
    expect(kept).toEqual({ ...answer.spec.template, data: { file: '{{ 1 }}', 'tls.key': null } });
  });
});
