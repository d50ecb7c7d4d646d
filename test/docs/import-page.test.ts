import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProxy } from '../../packages/kubeseal-cli/src/testing/servers/proxy.ts';
import { startStore } from '../../packages/kubeseal-cli/src/testing/servers/store-server.ts';
import { normalise, patternOf } from '../support/pages/output.ts';
import { documentedBlocks, titleOf } from '../support/pages/page.ts';
import { documentedPolicy } from '../support/stores/policies.ts';
import {
  askMoto,
  awsUser,
  enforceRights,
  startMoto,
  startVault,
  VAULT_TOKEN,
  writeToVault,
} from '../support/stores/running.ts';
import { guideTool } from '../support/tools/guide-tools.ts';
import { STORE_TOOLS } from '../support/tools/store-tools.ts';
import { openSession } from './open-session.ts';
import type { Session } from './session.ts';

const PAGE = 'docs/commands/import.md';
const RECIPES = 'docs/recipes.md';
const THIS = 'test/docs/import-page.test.ts';
const blocks = documentedBlocks().filter(
  ({ page, runBy }) => page === PAGE || (page === RECIPES && runBy === THIS),
);
const CLOUDS = new URL('../vectors/chain/clouds.crt', import.meta.url).pathname;
const DATABASE =
  'apiVersion: v1\nkind: Secret\nmetadata: {name: NAME, namespace: shop}\nstringData: {user: ann}\n';
/** Programs that are in no package registry here, as far as this page needs them. */
const STAND_INS = {
  kubesec: `cat <<'END'\n${DATABASE.replace('NAME', 'old')}END`,
  gcloud: 'echo ya29.token',
  az: `echo '{"accessToken": "eyJ.token"}'`,
};

describe(`${PAGE}, and recipes that import`, () => {
  let session: Session;
  let directory: string;
  const stops: (() => unknown)[] = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-import-'));
    for (const [name, script] of Object.entries(STAND_INS)) {
      await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(directory, name), 0o755);
    }
    await symlink(STORE_TOOLS.sops, join(directory, 'sops'));
    await symlink(guideTool('age-keygen'), join(directory, 'age-keygen'));
    const variables = {
      ...(await startVaultWithValues()),
      ...(await startAwsWithValues()),
      ...(await startClouds()),
    };
    session = await openSession(['production']);
    await run(
      'kubectl apply --server-side -f deploy/ && kubectl -n kube-system rollout status deployment/sealed-secrets-controller --timeout=60s',
      'kubectl create namespace shop',
      ...Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`),
      `export PATH='${directory}':$PATH SOPS_AGE_KEY_FILE="$PWD/age.key"`,
      'age-keygen -o age.key 2>/dev/null',
      `printf '${DATABASE.replace('NAME', 'db').replaceAll('\n', '\\n')}' | sops encrypt --age "$(age-keygen -y age.key)" --input-type yaml --output-type yaml /dev/stdin >db.enc.yaml`,
      'cp db.enc.yaml old.enc.yaml',
    );
  });
  afterAll(async () => {
    await session?.close();
    for (const stop of stops) await stop();
    await rm(directory, { recursive: true, force: true });
  });

  it.each(blocks.map((block) => [titleOf(block), block] as const))(
    'does what it says at %s',
    async (_, block) => {
      const { code, output } = await session.run(block.script);
      expect({ code, output }).toEqual({ code: block.exitCode, output: expect.any(String) });
      expect(output).not.toContain('hunter2');
      if (block.output !== undefined)
        expect(normalise(output)).toEqual(expect.stringMatching(patternOf(block.output)));
    },
  );
  it('plays a command for each store', async () => {
    const table = await readFile(new URL(`../../${PAGE}`, import.meta.url), 'utf8');
    const stores = [...table.matchAll(/^\| \[`([\w-]+):/gm)].map(([, store]) => store);
    const scripts = blocks.map(({ script }) => script).join('');
    expect(stores).toHaveLength(10);
    expect(stores.filter((store) => !scripts.includes(`kubeseal import ${store}:`))).toEqual([]);
  });

  async function run(...scripts: readonly string[]): Promise<void> {
    for (const script of scripts) {
      const { code, output } = await session.run(script);
      if (code !== 0) throw new Error(`${script}: ${output}`);
    }
  }

  async function startVaultWithValues(): Promise<Record<string, string>> {
    const vault = await startVault();
    stops.push(vault.stop);
    const data = { user: 'ann', password: 'hunter2' };
    await writeToVault(vault.url, 'POST', 'secret/data/shop/db', { data });
    return { VAULT_ADDR: vault.url, VAULT_TOKEN };
  }

  async function startAwsWithValues(): Promise<Record<string, string>> {
    const aws = await startMoto();
    stops.push(aws.stop);
    const secret = { Name: 'shop/db', SecretString: '{"user":"ann","password":"hunter2"}' };
    await askMoto(aws.url, 'secretsmanager', 'CreateSecret', secret);
    const parameter = { Name: '/shop/db/password', Value: 'hunter2', Type: 'SecureString' };
    await askMoto(aws.url, 'ssm', 'PutParameter', parameter);
    const user = await awsUser(aws.url, 'reader', documentedPolicy());
    await enforceRights(aws.url);
    return user;
  }

  /** Google and Azure at once: a server that a proxy leads all other hosts to. */
  async function startClouds(): Promise<Record<string, string>> {
    const cloud = await startStore(true);
    cloud.answer = () => ({ value: 'hunter2', payload: { data: btoa('hunter2') } });
    const proxy = await startProxy(cloud.port);
    stops.push(cloud.stop, proxy.stop);
    // kubectl must reach its cluster, which is on this machine
    const NO_PROXY = '127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,198.18.0.0/15,localhost';
    return { HTTPS_PROXY: proxy.url, NO_PROXY, SSL_CERT_FILE: CLOUDS };
  }
});
