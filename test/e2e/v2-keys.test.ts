// Ours alone: upstream knows no format v2.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type ItemTerms,
  type Recipient,
  SEALING_KEY_LABEL,
  sealSecret,
  valueFactsOf,
} from '@fuin/crypto-core';
import { importRecipient, parseRecipient } from '@fuin/crypto-core/v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import type { World } from '../support/world.ts';

interface Offer {
  readonly id: string;
  readonly recipient: string;
}

const holder = useWorld('--v2-keys', '--key-renew-period=0');

const offersOf = async (url: string): Promise<readonly Offer[]> => {
  const answer = await fetch(`${url}/v2/recipients`);
  if (answer.status === 404) return [];
  return ((await answer.json()) as { readonly recipients: readonly Offer[] }).recipients;
};
/** What the controller offers, once it has a key of format v2. */
const offered = (world: World) =>
  eventually('a key of format v2', async () => {
    const [newest] = await offersOf(world.controller.url);
    return newest && { ...newest, sealing: await importRecipient(parseRecipient(newest.recipient)) };
  });
const keySecretsOf = async ({ client, home }: World) =>
  (await client.list(`/api/v1/namespaces/${home}/secrets?labelSelector=${SEALING_KEY_LABEL}`)).items;

async function sealed(namespace: string, recipient: Recipient, terms?: ItemTerms): Promise<ApiObject> {
  const metadata = { namespace, name: 'db' };
  const data = { password: btoa('s3cret') };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data } as const;
  return { ...(await sealSecret(secret, recipient, 'strict', terms)), metadata };
}

describe('--v2-keys', () => {
  it('makes a key beside the RSA key, serves it, and opens what is sealed for it', async () => {
    const { world } = holder;
    const { sealing, id } = await offered(world);
    const [key] = await keySecretsOf(world);
    expect(key).toMatchObject({
      type: 'sealedsecrets.bitnami.com/x-wing-key',
      metadata: {
        name: expect.stringMatching(/^sealed-secrets-key-v2-/),
        labels: { [SEALING_KEY_LABEL]: 'active' },
        annotations: { 'sealedsecrets.bitnami.com/key-fingerprint': id },
      },
    });
    const namespace = await world.namespace();
    await world.apply(await sealed(namespace, sealing, { bindsItem: true }));
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    await world.untilSynced(namespace, 'db', 'True');
    const { status } = await world.client.get(
      `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/db`,
    );
    expect(status).toMatchObject({ lastUnseal: { keys: { password: id } } });
    expect(await world.served()).toContain('BEGIN CERTIFICATE');
  });
  it('renews the key on request, rotates values for the new one, and opens those of the old one', async () => {
    const { world } = holder;
    const { sealing, id, ...old } = await offered(world);
    const namespace = await world.namespace();
    const object = await sealed(namespace, sealing);
    const [key] = await keySecretsOf(world);
    const annotations = { 'sealedsecrets.bitnami.com/replace-key': 'asked' };
    const path = `/api/v1/namespaces/${world.home}/secrets/${key?.metadata.name}`;
    await world.client.patch(path, 'merge', { metadata: { annotations } });
    const fresh = await eventually('a newer key', async () => {
      const offers = await offersOf(world.controller.url);
      return offers.length > 1 ? offers[0] : undefined;
    });
    expect(fresh?.recipient).not.toBe(old.recipient);
    const body = JSON.stringify(object);
    const answer = await fetch(`${world.controller.url}/v1/rotate`, { method: 'POST', body });
    const rotated = JSON.parse(await answer.text()) as { spec: { encryptedData: { password: string } } };
    expect(valueFactsOf(rotated.spec.encryptedData.password).recipients).toEqual([fresh?.id]);
    await world.apply(object);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    expect(await world.metrics()).toMatch(/^sealed_secrets_controller_v2_key_created_timestamp_seconds \d/m);
    expect(id).not.toBe(fresh?.id);
  });
  it('is not needed for keys that exist: they open values and are served after a restart without it', async () => {
    const { world } = holder;
    const { sealing, id } = await offered(world);
    const count = (await keySecretsOf(world)).length;
    await world.restart('--key-renew-period=0');
    expect((await offered(world)).id).toBe(id);
    const namespace = await world.namespace();
    await world.apply(await sealed(namespace, sealing));
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    expect(await keySecretsOf(world)).toHaveLength(count);
  });
});

describe('--min-format=v2', () => {
  it('refuses a value of v1, whose Secret stays, and accepts one of v2', async () => {
    const { world } = holder;
    const { sealing } = await offered(world);
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { password: 'old' }));
    await world.untilItem(namespace, 'db', ['password', 'old']);
    await world.restart(`--min-format=v2:${namespace}`, '--key-renew-period=0');
    const refusal = await world.untilSynced(namespace, 'db', 'False');
    expect(refusal).toMatchObject({
      reason: 'FormatForbidden',
      message: expect.stringContaining('(password)'),
    });
    expect((await world.secret(namespace, 'db'))?.['data']).toEqual({ password: btoa('old') });
    await world.apply(await sealed(namespace, sealing));
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    await world.untilSynced(namespace, 'db', 'True');
  });
});

describe('the expiry of a value', () => {
  it('is reported when it comes, without anybody changing the object', async () => {
    const { world } = holder;
    await world.restart('--key-renew-period=0');
    const { sealing } = await offered(world);
    const namespace = await world.namespace();
    const expiresAt = new Date(Date.now() + 3_000);
    await world.apply(await sealed(namespace, sealing, { expiresAt }));
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    await world.untilEvent(namespace, 'db', 'ValueExpired');
    await world.untilSynced(namespace, 'db', 'True');
    expect(await world.metrics()).toMatch(/^sealed_secrets_controller_expired_values 1$/m);
  });
});

describe('a controller without keys of format v2', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modules-'));
    await writeFile(
      join(folder, 'hook.mjs'),
      `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
const resolve = (specifier, context, next) => {
  const found = next(specifier, context);
  appendFileSync(process.env.MODULES_FILE, found.url + '\\n');
  return found;
};
registerHooks({ resolve });`,
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** URLs of the modules that a controller in a new world has loaded in the end. */
  async function loadedBy(name: string, args: readonly string[], until: (world: World) => Promise<unknown>) {
    const file = join(folder, name);
    const env = {
      NODE_OPTIONS: `--import=${pathToFileURL(join(folder, 'hook.mjs')).href}`,
      MODULES_FILE: file,
    };
    const world = await holder.world.beside({ env, args });
    await world.start(...args);
    await until(world);
    const urls = (await readFile(file, 'utf8')).split('\n');
    await world.kill();
    return urls.filter((url) => /\/node_modules\/hpke\/|native-hpke|x-wing|@scure/.test(url));
  }

  it('loads no code for them', async () => {
    const seal = async (world: World) => {
      const namespace = await world.namespace();
      await world.apply(await world.seal({ namespace, name: 'db' }, { password: 'p' }));
      await world.untilItem(namespace, 'db', ['password', 'p']);
    };
    expect(await loadedBy('without', ['--key-renew-period=0'], seal)).toEqual([]);
    expect(await loadedBy('with', ['--v2-keys'], offered)).not.toEqual([]);
  });
});
