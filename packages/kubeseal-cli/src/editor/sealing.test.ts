import { encodeUtf8 } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { inFolder } from '../testing/editor-folder.ts';
import { certificateOf, PAIRS } from '../testing/three-clusters.ts';
import { PROD } from '../testing/v2/sealed.ts';
import { destinationsOf, type EditorWorld, sealingFor, sealingWith } from './index.ts';

const FILE = 'db.yaml';
const never = () => Promise.reject(new Error('was asked'));

/** How a file is sealed for a cluster of the settings, in an editor that has these files. */
async function sealingOf(cluster: string, world: EditorWorld) {
  const [destination] = await destinationsOf(FILE, world);
  if (destination?.cluster.name !== 'c') throw new Error(`${cluster} is not read`);
  return sealingFor(destination, world);
}
const settings = (cluster: string) => ({
  '.kubeseal.yaml': `clusters: {c: ${cluster}}\nrules: [{paths: ["**"], cluster: c}]\n`,
});

describe('sealingFor', () => {
  it.each([
    ['{certificate: ../cert.pem}', 'v1', 'outside of the directory of the settings file'],
    ['{certificate: clusters}', 'v1', 'is not a certificate'],
    ['{context: here}', 'v1', 'names no certificate'],
    ['{certificate: clusters/prod/cert.pem}', 'v2', 'names no recipients'],
    ['{recipients: [../recipients]}', 'v2', 'outside of the directory of the settings file'],
    [`{recipients: [${PROD.recipient}]}`, 'v1', 'names no certificate'],
  ] as const)('refuses %s for a value of format %s', async (cluster, format, message) => {
    await inFolder(settings(cluster), async ({ world }) => {
      const sealing = await sealingOf(cluster, world);
      await expect((async () => sealing.recipientFor(format))()).rejects.toThrow(message);
    });
  });
  it('seals in format v2 where recipients are named, and never with the certificate beside them', async () => {
    const cluster = `{certificate: clusters/prod/cert.pem, recipients: [${PROD.recipient}]}`;
    await inFolder(settings(cluster), async ({ world }) => {
      expect((await sealingOf(cluster, world)).terms.asked).toBe('v2');
    });
  });
  it('fetches over plain http what is pinned', async () => {
    const cluster = `{certificate: "http://certs.example/a.pem", fingerprint: "${PAIRS.prod.id}"}`;
    await inFolder(settings(cluster), async ({ world }) => {
      const body = encodeUtf8(await certificateOf('prod'));
      const send = async () => ({ status: 200, statusText: 'OK', headers: {}, body });
      const sealing = await sealingOf(cluster, { ...world, send });
      expect((await sealing.recipientFor('v1')).id).toBe(PAIRS.prod.id);
    });
  });
});

describe('sealingWith', () => {
  it('warns of a certificate that ends soon', async () => {
    const pem = await certificateOf('prod', new Date('2026-07-01T00:00:00Z'));
    await inFolder({ 'soon.pem': pem }, async ({ world, warnings }) => {
      await sealingWith('soon.pem', world).recipientFor('v1');
      expect(warnings).toEqual([expect.stringMatching(/^warning: .*certificate/)]);
    });
  });
  it.each(['ftp://certs.example/a.pem', 'file:///etc/hostname', 'data:,a'])(
    'asks nobody for %s',
    async (url) => {
      await inFolder({}, async ({ world }) => {
        const opening = sealingWith(url, { ...world, send: never }).recipientFor('v1');
        await expect(opening).rejects.toThrow('the certificate is neither a file nor an https URL');
      });
    },
  );
});
