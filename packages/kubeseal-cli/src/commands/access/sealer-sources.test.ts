import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { runCli } from '../../testing/run-cli.ts';
import { type FakeController, startFakeController } from '../../testing/servers/fake-controller.ts';
import { certificateOf, NOW, openedWith, PAIRS } from '../../testing/three-clusters.ts';
import { factsIn, openedBy, PROD, STAGE } from '../../testing/v2/sealed.ts';

let world: ClusterWorld;
let stage: FakeController;
beforeAll(async () => {
  world = await startClusterWorld();
  stage = await startFakeController();
  await world.cluster.exposeService({ namespace: 'kube-system', name: 'stage', port: stage.port });
});
afterAll(async () => {
  await stage.stop();
  await world.stop();
});
beforeEach(async () => {
  const [prod, other] = [await certificateOf('prod'), await certificateOf('stage')];
  world.controller.override = () => ({ status: 200, body: prod });
  stage.override = () => ({ status: 200, body: other });
  world.controller.v2 = [];
  world.controller.seen.length = 0;
});

/** Runs kubeseal with a settings file; prod is the controller of the current context. */
function run(cluster: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const settings = `clusters: {c: ${cluster}}\nrules: [{paths: ["**"], cluster: c, namespace: shop}]\n`;
  const files = { '.kubeseal.yaml': settings, kubeconfig: world.kubeconfig };
  return runCli({ now: NOW, argv, files, env: { KUBECONFIG: 'kubeconfig', ...env } });
}
const CREATE = ['create', 'db', 'a=1', '-w', 'db.yaml'];

describe('the certificate of a cluster in the settings file', () => {
  it('is that of the controller that the cluster names, through its context', async () => {
    const { stderr, files } = await run('{context: embedded, controllerName: stage}', CREATE);
    expect(stderr).toContain(
      `note: sealed with the certificate ${PAIRS.stage.id} of the controller of context "embedded", cluster c\n`,
    );
    expect(await openedWith('stage', files['db.yaml'] ?? '')).toEqual({ a: '1' });
    expect(world.controller.seen).toEqual([]);
  });
  it('is refused where the controller has another one than is pinned', async () => {
    const { code, stderr, files } = await run(`{context: embedded, fingerprint: ${PAIRS.dev.id}}`, CREATE);
    expect({ code, file: files['db.yaml'] }).toEqual({ code: 1, file: undefined });
    expect(stderr).toContain(`the certificate has fingerprint ${PAIRS.prod.id}, not ${PAIRS.dev.id}`);
  });
  it('is of a controller that the command line may name, but a variable may not', async () => {
    const cluster = '{context: embedded, controllerName: missing}';
    const typed = await run(cluster, [...CREATE, '--controller-name', 'stage']);
    expect(await openedWith('stage', typed.files['db.yaml'] ?? '')).toEqual({ a: '1' });
    const env = { SEALED_SECRETS_CONTROLLER_NAME: 'stage' };
    const { code, stderr } = await run(cluster, CREATE, env);
    expect(code).toBe(1);
    expect(stderr).toContain('SEALED_SECRETS_CONTROLLER_NAME says something else than .kubeseal.yaml does');
  });
  it('fails with the context that the kubeconfig lacks, and never takes the current one', async () => {
    const { code, stderr } = await run('{context: elsewhere}', CREATE);
    expect({ code, asked: world.controller.seen }).toEqual({ code: 1, asked: [] });
    expect(stderr).toContain('context "elsewhere" does not exist');
  });
  it.each([
    [['--token', 'hunter2'], {}],
    [[], { SEALED_SECRETS_TOKEN: 'hunter2' }],
  ])('is not asked for with the credentials of %j %j, which are for another server', async (argv, env) => {
    const { code, stderr } = await run('{context: embedded}', [...CREATE, ...argv], env);
    expect({ code, asked: world.controller.seen }).toEqual({ code: 1, asked: [] });
    expect(stderr).toContain(
      '--token is not sent to the context embedded that .kubeseal.yaml names for cluster c',
    );
    expect(stderr).not.toContain('hunter2');
  });
  it('is what a URL serves', async () => {
    const { stderr, files } = await run(
      `{certificate: "http://127.0.0.1:${stage.port}/v1/cert.pem"}`,
      CREATE,
    );
    expect(stderr).toMatch(
      /note: sealed with the certificate \S+ of http:\/\/127\.0\.0\.1:\d+\/\S+, cluster c\n/,
    );
    expect(await openedWith('stage', files['db.yaml'] ?? '')).toEqual({ a: '1' });
  });
  it('is not fetched over plain http from another machine, except where it is pinned', async () => {
    const { code, stderr } = await run('{certificate: "http://certs.test/a.pem"}', CREATE);
    expect(code).toBe(1);
    expect(stderr).toContain('cannot fetch the certificate over plain http from certs.test');
  });
  it('at a URL: cert update changes the fingerprint, once the URL serves what the controller does', async () => {
    const url = `http://127.0.0.1:${stage.port}/v1/cert.pem`;
    const cluster = (id: string) => `{context: embedded, certificate: "${url}", fingerprint: ${id}}`;
    const argv = ['cert', 'update', '--yes'];
    const early = await run(cluster(PAIRS.dev.id), argv);
    expect(early.code).toBe(1);
    expect(early.stderr).toContain(
      `${url} serves another certificate than the controller of context embedded`,
    );
    stage.override = world.controller.override;
    const { code, files } = await run(cluster(PAIRS.dev.id), argv);
    expect(code).toBe(0);
    expect(files['.kubeseal.yaml']).toContain(`clusters: {c: ${cluster(PAIRS.prod.id)}}\n`);
  });
});

describe('the recipients of a cluster in the settings file', () => {
  const pinned = `{context: embedded, recipients: ["${STAGE.recipient}"]}`;
  const serve = () => {
    world.controller.override = undefined;
    world.controller.v2 = [PROD];
  };
  it.each([
    ['', []],
    [', although the format is asked for', ['--format-version', '2']],
  ])('are never replaced by what its controller serves, which nobody asks%s', async (_when, argv) => {
    serve();
    const { code, files } = await run(pinned, [...CREATE, ...argv]);
    expect({ code, asked: world.controller.seen }).toEqual({ code: 0, asked: [] });
    expect(factsIn(files['db.yaml'])['a']).toMatchObject({ recipients: [STAGE.id] });
    expect(await openedBy(STAGE.secret, files['db.yaml'])).toEqual({ a: '1' });
  });
  it('are those of the controller only where none is named', async () => {
    serve();
    const { files } = await run('{context: embedded}', [...CREATE, '--format-version', '2']);
    expect(factsIn(files['db.yaml'])['a']).toMatchObject({ recipients: [PROD.id] });
  });
});
