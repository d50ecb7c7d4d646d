import { KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { formatRecipient, importRecipient, toSplitKey } from '@fuin/crypto-core/v2';
import { drawCurveHalf } from '@fuin/native-hpke';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { useKeyWorld } from '../../testing/key-world.ts';
import { runCli } from '../../testing/run-cli.ts';
import { keySecretOfV2 } from '../../testing/v2/keys.ts';
import { PROD, sealedDb } from '../../testing/v2/sealed.ts';

const SECRETS = '/api/v1/namespaces/kube-system/secrets';
const SERVICE = 'aws-kms:arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const half = drawCurveHalf();
const publicKey = Uint8Array.from([...PROD.pair.recipient.publicKey.subarray(0, 1184), ...half.publicKey]);
const { id } = await importRecipient(publicKey);
const data = { ...toSplitKey({ publicKey, curveKey: half.privateKey, keyService: SERVICE }) };
const SECRET = keySecretOfV2('split', id, { type: KEY_TYPES.split, data });

const world = await useKeyWorld();

describe('kubeseal keys and a key of which a key service holds a half', () => {
  beforeEach(async () => void (await world.client.create(SECRETS, SECRET)));

  it('list shows it, and nothing of its half', async () => {
    const { stdout } = await world.keys(['list', '-o', 'json']);
    const { keys } = JSON.parse(stdout);
    expect(keys.find((each: { name: string }) => each.name === 'split')).toMatchObject({ fingerprint: id });
    expect(stdout).not.toContain(data['x25519-key']);
  });
  it('backup, verify and restore carry its half, and say that it is one', async () => {
    const { code, stderr, files } = await world.keys(['backup', '--plain', '-w', 'keys.yaml']);
    expect([code, stderr]).toEqual([0, expect.stringContaining('warning: of 1 of them only a half is in')]);
    const backup = files['keys.yaml'] ?? '';
    expect(parseAllDocuments(backup)).toHaveLength(3);
    const verified = await world.keys(['verify', 'keys.yaml'], { files: { 'keys.yaml': backup } });
    expect(verified.stderr).toContain(`note: ${id} of split is a half that fits its public key`);
    await world.client.delete(`${SECRETS}/split`);
    await world.keys(['restore', 'keys.yaml'], { files: { 'keys.yaml': backup } });
    const restored = await world.secret('split');
    expect({ type: restored['type'], data: restored['data'] }).toEqual({ type: KEY_TYPES.split, data });
    expect(restored.metadata.labels?.[SEALING_KEY_LABEL]).toBe('active');
  });
  it('backup leaves it out where its half is of another key', async () => {
    const other = Buffer.from(drawCurveHalf().privateKey).toString('base64');
    const bad = { ...SECRET, metadata: { ...SECRET.metadata, name: 'bad' } };
    await world.client.create(SECRETS, { ...bad, data: { ...data, 'x25519-key': other } });
    const { code, stderr } = await world.keys(['backup', '--plain', '-w', 'keys.yaml']);
    expect(code).toBe(1);
    expect(stderr).toContain('error: key Secret bad: x25519-key does not belong to public-key');
    expect(stderr).not.toContain(other);
  });
  it('opens nothing by itself: kubeseal says where the other half is', async () => {
    const sealed = await sealedDb(['--recipient', formatRecipient(publicKey)]);
    const { code, stderr } = await runCli({
      argv: ['--recovery-unseal', '--recovery-private-key', 'split.yaml'],
      stdin: sealed,
      files: { 'split.yaml': JSON.stringify(SECRET) },
    });
    expect(code).toBe(1);
    expect(stderr).toContain('only the controller opens values with it');
  });
});
