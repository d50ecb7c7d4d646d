import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../packages/cloud/src/testing/fault-proxy.ts';
import { runCli } from '../../packages/kubeseal-cli/src/testing/run-cli.ts';
import type { ApiObject } from '../support/api/types.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { seal } from '../support/cluster/sealing.ts';
import { type RunningStore, startVault, VAULT_TOKEN, writeToVault } from '../support/stores/running.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';

const WRAPPER = 'vault:transit/sealed-secrets';
/** Its commands are those that run here. */
const PAGE = readFileSync(join(import.meta.dirname, '../..', 'docs/key-wrapping.md'), 'utf8');
const SEALING_KEY = 'sealedsecrets.bitnami.com/sealing-key';
const WRAPPED = 'sealedsecrets.bitnami.com/wrapped-key';

describe("sealing keys wrapped by Vault's transit engine", () => {
  let vault: RunningStore;
  let proxy: FaultProxy;
  let world: World;
  let kubeconfig: string;
  let wrappedCertificate: string;
  beforeAll(async () => {
    vault = await startVault();
    await writeToVault(vault.url, 'POST', 'transit/keys/sealed-secrets', { derived: true });
    proxy = await startFaultProxy(vault.url);
    const cluster = await startCluster();
    world = await World.on(cluster, { env: { VAULT_ADDR: proxy.url, VAULT_TOKEN } });
    kubeconfig = await readFile(cluster.adminKubeconfig, 'utf8');
  });
  afterAll(async () => {
    await world?.close();
    await proxy?.close();
    await vault?.stop();
  });

  const secretsPath = () => `/api/v1/namespaces/${world.home}/secrets`;
  const secrets = async () => (await world.client.list(secretsPath())).items;
  const isWrapped = (secret: ApiObject) => secret['type'] === WRAPPED;
  const readyz = async () => (await fetch(`${world.controller.url}/readyz`)).text();
  /** A value sealed with a certificate, as another object of a namespace of its own. */
  const sealed = async (certificate: string) => {
    const metadata = { namespace: await world.namespace(), name: 'db' };
    const data = { password: btoa('s3cret') };
    await world.apply(await seal(certificate, { apiVersion: 'v1', kind: 'Secret', metadata, data }));
    return metadata.namespace;
  };
  const opens = async (certificate: string) =>
    world.untilItem(await sealed(certificate), 'db', ['password', 's3cret']);
  const keys = async (action: string) => {
    const [, line = ''] = new RegExp(`^kubeseal (keys ${action} .*)$`, 'm').exec(PAGE) ?? [];
    const place = ['--kubeconfig', 'kubeconfig', '--controller-namespace', world.home];
    const result = await runCli({
      argv: [...line.split(' '), ...place],
      files: { kubeconfig },
      env: { VAULT_ADDR: proxy.url, VAULT_TOKEN },
    });
    expect(result).toMatchObject({ code: 0 });
    return result;
  };

  it('are made by a controller that had plain ones before, which it goes on using', async () => {
    await world.start();
    await opens(await world.certificate());
    await world.stop();
    await world.start(`--key-wrapper=${WRAPPER}`);
    await world.controller.signal('SIGUSR1');
    const secret = await eventually('a wrapped key', async () => (await secrets()).find(isWrapped));
    expect(secret.metadata.labels).toEqual({ [SEALING_KEY]: 'active' });
    expect(Object.keys(Object(secret['data'])).sort()).toEqual(['tls.crt', 'wrapped-key', 'wrapper']);
    wrappedCertificate = await eventually('its certificate', async () => {
      const served = await world.served();
      return served === world.key?.certificatePem ? undefined : served;
    });
    await opens(wrappedCertificate);
    await opens(await world.certificate());
    expect(await readyz()).toBe('ok\n');
  });

  it('wait while Vault is down, reported everywhere, and need no restart when it is back', async () => {
    const before = (await secrets()).length;
    await world.kill();
    proxy.trouble = 'gone';
    await world.start(`--key-wrapper=${WRAPPER}`);
    expect(await readyz()).toBe('ok\n1 sealing key cannot be unwrapped: see the log\n');
    expect(await world.metrics()).toMatch(/^sealed_secrets_controller_keys_locked 1$/m);
    await opens(await world.certificate());
    const waiting = await sealed(wrappedCertificate);
    await world.untilSynced(waiting, 'db', 'False');
    const path = `/api/v1/namespaces/${world.home}/events`;
    await eventually('an event', async () =>
      (await world.client.list(path)).items.find((event) => event['reason'] === 'ErrKeyLocked'),
    );
    expect((await secrets()).length).toBe(before);
    proxy.trouble = undefined;
    await world.untilItem(waiting, 'db', ['password', 's3cret']);
    await world.untilSynced(waiting, 'db', 'True');
    expect(await readyz()).toBe('ok\n');
    expect(await world.metrics()).toMatch(/^sealed_secrets_controller_keys_locked 0$/m);
  });

  it('stay loaded when Vault goes down later', async () => {
    proxy.trouble = 503;
    await opens(wrappedCertificate);
    proxy.trouble = undefined;
  });

  it('are what kubeseal keys wrap makes of plain ones, and rewrap keeps, under a controller that works on', async () => {
    await keys('wrap');
    expect((await secrets()).map(isWrapped)).toEqual([true, true]);
    await opens(await world.certificate());
    await writeToVault(vault.url, 'POST', 'transit/keys/sealed-secrets/rotate');
    await keys('rewrap');
    await world.restart(`--key-wrapper=${WRAPPER}`);
    await opens(await world.certificate());
    await opens(wrappedCertificate);
  });

  it('are plain again after kubeseal keys unwrap, for a controller without Vault', async () => {
    await keys('unwrap');
    expect((await secrets()).map(({ type }) => type)).toEqual(['kubernetes.io/tls', 'kubernetes.io/tls']);
    await world.restart();
    await opens(await world.certificate());
    await opens(wrappedCertificate);
  });
});
