import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { CERT } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';

let world: ClusterWorld;
let sealed: string;
const SETTINGS = `clusters:
  prod: {context: embedded, certificate: prod.pem}
  dev: {certificate: dev.pem}
rules:
  - {paths: [prod/**], cluster: prod}
  - {paths: [dev/**], cluster: dev}
`;
beforeAll(async () => {
  world = await startClusterWorld();
  const argv = ['create', 'shop/db', 'a=old', '--cert', 'c', '-oyaml', '--no-note'];
  sealed = (await runCli({ argv, files: { c: CERT } })).stdout;
});
afterAll(() => world.stop());

it('validate and re-encrypt ask the controller of each file, and no context stands in for another', async () => {
  const kubeconfig = world.kubeconfig.replace(/current-context:.*/, 'current-context: elsewhere');
  const files = {
    '.kubeseal.yaml': SETTINGS,
    'prod.pem': CERT,
    'dev.pem': CERT,
    'prod/db.yaml': sealed,
    'dev/db.yaml': sealed,
    kubeconfig,
  };
  const run = (...argv: string[]) => runCli({ argv: [...argv, '--kubeconfig', 'kubeconfig'], files });
  expect(await run('validate', 'prod')).toMatchObject({ code: 0, stdout: '' });
  expect(await run('re-encrypt', 'prod')).toMatchObject({ code: 0, files: { 'prod/db.yaml': sealed } });
  for (const command of ['validate', 're-encrypt']) {
    const { code, stderr } = await run(command, 'dev');
    expect({ code, error: /^error: .*/m.exec(stderr)?.[0] }).toEqual({
      code: 1,
      error: 'error: .kubeseal.yaml names no context for cluster dev, so its controller cannot be asked',
    });
  }
});
