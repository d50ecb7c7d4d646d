import { KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { formatRecipient, toHeldKey } from '@fuin/crypto-core/v2';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { useKeyWorld } from '../../testing/key-world.ts';
import { runCli } from '../../testing/run-cli.ts';
import { keySecretOfV2 } from '../../testing/v2/keys.ts';
import { PROD, STAGE, sealedDb } from '../../testing/v2/sealed.ts';

const SECRETS = '/api/v1/namespaces/kube-system/secrets';
const SERVICE =
  'gcp-kms:projects/shop-prod/locations/europe-west3/keyRings/k8s/cryptoKeys/sealed-secrets/cryptoKeyVersions/1';

const { id, publicKey } = PROD.pair.recipient;
const data = { ...toHeldKey({ publicKey, keyService: SERVICE }) };
const SECRET = keySecretOfV2('held', id, { type: KEY_TYPES.held, data });

const world = await useKeyWorld();

describe('kubeseal keys and a key that a key service holds whole', () => {
  beforeEach(async () => void (await world.client.create(SECRETS, SECRET)));

  it('list shows it', async () => {
    const { stdout } = await world.keys(['list', '-o', 'json']);
    const { keys } = JSON.parse(stdout);
    expect(keys.find((each: { name: string }) => each.name === 'held')).toMatchObject({ fingerprint: id });
  });
  it('backup, verify and restore carry its name, and say that nothing secret is in there', async () => {
    const { code, stderr, files } = await world.keys(['backup', '--plain', '-w', 'keys.yaml']);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('warning: of 1 of them nothing secret is in the backup'),
    ]);
    const backup = files['keys.yaml'] ?? '';
    expect(parseAllDocuments(backup)).toHaveLength(3);
    const verified = await world.keys(['verify', 'keys.yaml'], { files: { 'keys.yaml': backup } });
    expect(verified.stderr).toContain(`note: ${id} of held is a public key and the name of a key service`);
    expect(verified.stderr).not.toContain(`${id} of held opens`);
    await world.client.delete(`${SECRETS}/held`);
    await world.keys(['restore', 'keys.yaml'], { files: { 'keys.yaml': backup } });
    const restored = await world.secret('held');
    expect({ type: restored['type'], data: restored['data'] }).toEqual({ type: KEY_TYPES.held, data });
    expect(restored.metadata.labels?.[SEALING_KEY_LABEL]).toBe('active');
    expect(restored.metadata.annotations).toMatchObject(SECRET.metadata.annotations);
  });
  it('backup leaves it out where its public key is another one than its annotation says', async () => {
    const other = toHeldKey({ publicKey: STAGE.pair.recipient.publicKey, keyService: SERVICE });
    const metadata = { ...SECRET.metadata, name: 'bad' };
    await world.client.create(SECRETS, { ...SECRET, metadata, data: { ...other } });
    const { code, stderr } = await world.keys(['backup', '--plain', '-w', 'keys.yaml']);
    expect(code).toBe(1);
    expect(stderr).toContain('error: key Secret bad: it holds another key than its annotation says');
  });
  it('opens nothing by itself: kubeseal says which key service it needs', async () => {
    const { code, stderr } = await runCli({
      argv: ['--recovery-unseal', '--recovery-private-key', 'held.yaml'],
      stdin: await sealedDb(['--recipient', formatRecipient(publicKey)]),
      files: { 'held.yaml': JSON.stringify(SECRET) },
    });
    expect(code).toBe(1);
    expect(stderr).toContain(`a sealing key needs`);
    expect(stderr).toContain('only the controller opens values with it');
  });
});
