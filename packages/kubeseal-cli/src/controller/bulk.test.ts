import {
  generateKeyPair,
  importKeyPair,
  type KeyPair,
  SealedSecretsError,
  sealSecret,
} from '@fuin/crypto-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type ClusterWorld, startClusterWorld } from '../testing/cluster-world.ts';
import { KEY } from '../testing/keys.ts';
import { type CliResult, runCli } from '../testing/run-cli.ts';
import { BulkController } from './bulk.ts';

let world: ClusterWorld;
let current: KeyPair;
let foreign: KeyPair;
let tree: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await startClusterWorld();
  [current, foreign] = [await importKeyPair(KEY), await generateKeyPair(2048)];
  tree = { 'd/a.yaml': await manifest('a'), 'd/b.yaml': `# b\n${await manifest('b')}` };
});
afterAll(() => world.stop());
afterEach(() => world.reset());

async function manifest(name: string, pair = current, items = 1): Promise<string> {
  const stringData = Object.fromEntries(Array.from({ length: items }, (_, at) => [`item-${at}`, 'hunter2']));
  const metadata = { name, namespace: 'shop' };
  const secret = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, stringData } as const;
  return stringify(await sealSecret(secret, pair));
}

function run(argv: string, files: Readonly<Record<string, string>> = tree): Promise<CliResult> {
  const [command = '', ...rest] = argv.split(' ');
  return runCli({
    argv: [command, '--kubeconfig', 'kubeconfig', ...rest],
    files: { ...files, kubeconfig: world.kubeconfig },
  });
}

/** The requests without their common path. */
const asked = () => world.controller.seen.map(({ path }) => path);
const bodies = () => world.controller.seen.map(({ body }) => JSON.parse(body));
const withKubeconfig = (files: object) => ({ ...files, kubeconfig: world.kubeconfig });

describe('kubeseal validate by the cluster', () => {
  it('asks about all SealedSecrets in one request, without their templates', async () => {
    const { code, stderr } = await run('validate d');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'note: the controller: 2 of 2 SealedSecrets can be opened\n',
    });
    expect(asked()).toEqual(['/v1/bulk/verify']);
    const [{ items }] = bodies();
    expect(items.map(({ metadata }: { metadata: object }) => metadata)).toEqual([
      { name: 'a', namespace: 'shop', annotations: {} },
      { name: 'b', namespace: 'shop', annotations: {} },
    ]);
    expect(Object.keys(items[0].spec)).toEqual(['encryptedData']);
  });

  it('ends with exit code 3 and names what the controller cannot open', async () => {
    const { code, stderr } = await run('validate --quiet d', {
      ...tree,
      'd/c.yaml': await manifest('c', foreign),
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^error: document 1 of d\/c\.yaml \(shop\/c\): the controller cannot open it: was it sealed for this cluster/,
    );
    expect(stderr.match(/error/g)).toHaveLength(1);
  });

  it('asks object by object where the controller knows no bulk requests', async () => {
    world.controller.override = ({ path }) => (path.startsWith('/v1/bulk') ? { status: 404 } : undefined);
    const { code } = await run('validate d', { ...tree, 'd/c.yaml': await manifest('c', foreign) });
    expect(code).toBe(3);
    expect(asked()).toEqual(['/v1/bulk/verify', '/v1/verify', '/v1/verify', '/v1/verify']);
  });

  it('asks again about objects that the controller did not try', async () => {
    let left = 3;
    world.controller.override = ({ body }) => {
      const { items } = JSON.parse(body) as { items: unknown[] };
      const results = items.map((_item, at) => ({ status: at === 0 ? 200 : 429 }));
      left -= 1;
      return { status: 200, body: JSON.stringify({ results }) };
    };
    const { code } = await run('validate d', { ...tree, 'd/c.yaml': await manifest('c') });
    expect({ code, left }).toEqual({ code: 0, left: 0 });
  });

  it('waits when the controller asks for it', async () => {
    let refusals = 2;
    world.controller.override = () => {
      refusals -= 1;
      return refusals < 0 ? undefined : { status: 429, headers: { 'retry-after': '0' } };
    };
    expect((await run('validate d')).code).toBe(0);
  });

  it.each([
    ['too few results', '{"results":[{"status":200}]}'],
    ['no results', '{}'],
    ['results without status', '{"results":[{},{}]}'],
    ['nothing tried', '{"results":[{"status":429},{"status":429}]}'],
    ['no JSON', 'hello'],
  ])('ends with exit code 1 and one line for an answer with %s', async (_what, body) => {
    world.controller.override = () => ({ status: 200, body });
    const { code, stderr } = await run('validate --quiet d');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: (the controller|the answer of the controller) .*\n$/);
  });

  it.each([403, 502, 503])('ends with exit code 1 when the answer is %i', async (status) => {
    world.controller.override = () => ({ status });
    const { code, stderr } = await run('validate d');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: cannot ask the controller: the server answered \d+/),
    });
  });

  it('splits what is more than a request should hold', async () => {
    const files: Record<string, string> = {};
    for (const name of ['a', 'b', 'c']) files[`d/${name}.yaml`] = await manifest(name, current, 100);
    expect((await run('validate d', files)).code).toBe(0);
    expect(bodies().map(({ items }) => items.length)).toEqual([2, 1]);
  });
});

describe('kubeseal re-encrypt by the cluster', () => {
  it('leaves items of the newest key byte for byte', async () => {
    const { code, files, stderr } = await run('re-encrypt d');
    expect({ code, files }).toEqual({ code: 0, files: withKubeconfig(tree) });
    expect(stderr).toBe('note: 0 of 2 SealedSecrets changed\n');
    expect(asked()).toEqual(['/v1/bulk/rotate']);
  });

  it('writes what the controller sealed again into the files', async () => {
    const other = await manifest('a', current);
    world.controller.override = ({ body }) => {
      const { items } = JSON.parse(body) as { items: { spec: { encryptedData: object } }[] };
      const [first, ...rest] = items;
      const spec = { encryptedData: { 'item-0': /item-0: (\S+)/.exec(other)?.[1] } };
      const results = [{ ...first, spec }, ...rest].map((sealedSecret) => ({ status: 200, sealedSecret }));
      return { status: 200, body: JSON.stringify({ results }) };
    };
    const check = await run('re-encrypt --check --quiet d');
    expect(check).toMatchObject({ code: 3, files: withKubeconfig(tree) });
    const { code, files, stderr } = await run('re-encrypt d');
    expect(code).toBe(0);
    expect(files).toEqual(withKubeconfig({ ...tree, 'd/a.yaml': other }));
    expect(stderr).toBe('note: d/a.yaml: re-encrypted item-0 (shop/a)\nnote: 1 of 2 SealedSecrets changed\n');
  });

  it('leaves the file as it was where the controller does not open the SealedSecret', async () => {
    const files = { 'd/c.yaml': await manifest('c', foreign), ...tree };
    const result = await run('re-encrypt --quiet d', files);
    expect(result).toMatchObject({ code: 1, files });
    expect(result.stderr).toMatch(/^error: document 1 of d\/c\.yaml: the controller cannot open it: .*\n$/);
  });

  it.each([
    ['another name', { metadata: { name: 'z', namespace: 'shop' } }],
    [
      'a wider scope',
      {
        metadata: {
          name: 'a',
          namespace: 'shop',
          annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' },
        },
      },
    ],
    ['no items', { spec: { encryptedData: {} } }],
    ['plain text', { spec: { encryptedData: { 'item-0': 'hunter2' } } }],
  ])('refuses an answer with %s', async (_what, change) => {
    world.controller.override = ({ body }) => {
      const { items } = JSON.parse(body) as { items: object[] };
      const results = items.map((item) => ({ status: 200, sealedSecret: { ...item, ...change } }));
      return { status: 200, body: JSON.stringify({ results }) };
    };
    const files = { 'd/a.yaml': tree['d/a.yaml'] ?? '' };
    const result = await run('re-encrypt --quiet d', files);
    expect(result).toMatchObject({ code: 1, files });
    expect(result.stderr).toMatch(/^error: document 1 of d\/a\.yaml: .*\n$/);
    expect(result.stderr).not.toContain('hunter2');
  });

  it('keeps what is done when the controller goes away, and goes on in the next run', async () => {
    const files: Record<string, string> = {};
    for (let at = 100; at < 102; at++) files[`d/${at}.yaml`] = await manifest(`s${at}`, current, 300);
    const changing = ({ body }: { readonly body: string }) => {
      const { items } = JSON.parse(body) as { items: { spec: { encryptedData: Record<string, string> } }[] };
      const results = items.map((item) => {
        const [first = '', ...rest] = Object.values(item.spec.encryptedData);
        const values = [...rest, first]; // as good as sealed again: a current item is another one
        const names = Object.keys(item.spec.encryptedData);
        const encryptedData = Object.fromEntries(names.map((name, index) => [name, values[index]]));
        return { status: 200, sealedSecret: { ...item, spec: { encryptedData } } };
      });
      return { status: 200, body: JSON.stringify({ results }) };
    };
    let answered = 0;
    world.controller.override = (request) => {
      if (!request.path.startsWith('/v1/bulk')) return undefined;
      answered += 1;
      return answered === 1 ? changing(request) : { status: 503 };
    };
    const stopped = await run('re-encrypt d', files);
    expect(stopped).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: cannot ask the controller'),
    });
    expect(stopped.stderr).toContain('note: 1 of 2 SealedSecrets changed');
    const { kubeconfig: _, ...kept } = stopped.files;
    expect(kept['d/101.yaml']).toBe(files['d/101.yaml']);
    expect(kept['d/100.yaml']).not.toBe(files['d/100.yaml']);
    world.controller.override = undefined;
    expect((await run('re-encrypt --quiet d/101.yaml', kept)).files).toMatchObject(kept);
  });

  it('says that every item is sealed again by a controller without bulk requests, and checks nothing', async () => {
    world.controller.override = ({ path }) => (path.startsWith('/v1/bulk') ? { status: 404 } : undefined);
    const { code, stderr, files } = await run('re-encrypt d');
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: this controller does not tell which items are stale: every item is sealed/,
    );
    expect(stderr).toContain('note: 2 of 2 SealedSecrets changed');
    expect(files['d/b.yaml']).toMatch(/^# b\n/);
    const check = await run('re-encrypt --check --quiet d');
    expect(check).toMatchObject({ code: 1, files: withKubeconfig(tree) });
    expect(check.stderr).toMatch(
      /^error: this controller does not tell which items are stale\nhint: give --recovery/,
    );
  });

  it('sends nothing to another controller than the pinned one', async () => {
    const pin = `--cert-fingerprint=SHA256:${'A'.repeat(43)}`;
    for (const command of ['validate', 're-encrypt']) {
      const { code, files } = await run(`${command} ${pin} d`);
      expect({ code, files }).toEqual({ code: 1, files: withKubeconfig(tree) });
    }
    expect(asked().filter((path) => path !== '/v1/cert.pem')).toEqual([]);
  });
});

describe('a connection that is cut', () => {
  it.each([
    ['once', 1, 'answers'],
    ['twice', 2, 'failure'],
  ])('%s costs one more request at most', async (_times, cuts, field) => {
    let requests = 0;
    const controller = new BulkController({
      send: async () => {
        requests += 1;
        if (requests <= cuts)
          throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'cannot reach it: connection reset by peer');
        const body = Buffer.from('{"results":[{"status":200}]}');
        return { status: 200, statusText: 'OK', headers: {}, body, tookMs: 1 };
      },
      close: async () => undefined,
    });
    const metadata = { name: 'a', namespace: 'shop' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: 'x' } } as const;
    const asked = { sealedSecret: await sealSecret(secret, current), document: { value: {} } };
    const result = await controller.ask('verify', [asked]);
    expect(requests).toBe(2);
    expect(field === 'answers' ? result.answers : [result.failure]).toEqual([expect.anything()]);
  });
});
