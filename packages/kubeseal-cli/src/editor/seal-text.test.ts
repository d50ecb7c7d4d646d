import { encodeUtf8 } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { inFolder } from '../testing/editor-folder.ts';
import { runCli } from '../testing/run-cli.ts';
import { certificateOf, NOW, openedWith } from '../testing/three-clusters.ts';
import { destinationsOf, type EditorWorld, sealingFor, sealingWith, sealText } from './index.ts';

const SECRET =
  'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\nstringData:\n  password: hunter2\n';
const FILE = 'clusters/prod/db.yaml';
const OTHER = '# kept: as it is\nkind:   ConfigMap\n';
/** Stands for a sealed value, which is another one each time. */
const masked = (text: string) => text.replace(/[A-Za-z0-9+/=]{200,}/g, 'SEALED');

async function sealed(text: string, world: EditorWorld, file = FILE) {
  const [destination] = await destinationsOf(file, world);
  if (!destination) throw new Error('no cluster');
  return sealText({ text, file }, sealingFor(destination, world), world.warn);
}

describe('sealText', () => {
  it('writes what kubeseal writes, for the cluster of the file', async () => {
    await inFolder({}, async ({ world, warnings }) => {
      const { text, count } = await sealed(SECRET, world);
      const cli = await runCli({
        argv: ['--cert', 'c', '-o', 'yaml'],
        files: { c: await certificateOf('prod') },
        stdin: SECRET,
        now: NOW,
      });
      expect(masked(text)).toBe(masked(cli.stdout));
      expect(count).toBe(1);
      expect(await openedWith('prod', text)).toEqual({ password: 'hunter2' });
      expect(await openedWith('stage', text)).toBeUndefined();
      expect(warnings).toEqual([]);
    });
  });
  it('keeps other documents byte for byte', async () => {
    await inFolder({}, async ({ world }) => {
      const { text } = await sealed(`${OTHER}---\n${SECRET}---\n${OTHER}`, world);
      const [first, second, third] = text.split('---\n');
      expect([first, third]).toEqual([OTHER, OTHER]);
      expect(second).toMatch(/^kind: SealedSecret$|^apiVersion: bitnami.com/m);
    });
  });
  it('seals JSON as JSON', async () => {
    await inFolder({}, async ({ world }) => {
      const json = { kind: 'Secret', metadata: { name: 'db', namespace: 'shop' }, stringData: { a: 'one' } };
      const { text } = await sealed(JSON.stringify(json), world);
      expect(JSON.parse(text)).toMatchObject({ kind: 'SealedSecret' });
      expect(await openedWith('prod', text)).toEqual({ a: 'one' });
    });
  });
  it('takes the namespace of the rule for a Secret that names none', async () => {
    await inFolder({}, async ({ world }) => {
      const { text } = await sealed(SECRET.replace('  namespace: shop\n', ''), world);
      expect(text).toContain('namespace: shop');
    });
  });
  it('refuses a Secret of which nobody says the namespace', async () => {
    await inFolder({}, async ({ world }) => {
      const text = SECRET.replace('  namespace: shop\n', '');
      await expect(sealed(text, world, 'other/db.yaml')).rejects.toThrow(/has no namespace$/);
    });
  });
  it('refuses a text without a Secret, and names no value in messages', async () => {
    await inFolder({}, async ({ world }) => {
      await expect(sealed(OTHER, world)).rejects.toThrow(`${FILE} holds no Secret in the clear`);
      const plain = SECRET.replace('stringData', 'data');
      const failure: unknown = await sealed(plain, world).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
      expect(JSON.stringify([failure, String(failure)])).not.toContain('hunter2');
    });
  });
  it('refuses a certificate whose key is not the pinned one', async () => {
    const stage = await certificateOf('stage');
    await inFolder({ 'clusters/prod/cert.pem': stage }, async ({ world }) => {
      await expect(sealed(SECRET, world)).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_INVALID' });
    });
  });
});

describe('destinationsOf', () => {
  it('offers every cluster where no rule names one, and none without settings', async () => {
    await inFolder({}, async ({ world }) => {
      const names = async (file: string) =>
        (await destinationsOf(file, world)).map(({ cluster, rule }) => [cluster.name, rule?.line]);
      expect(await names('other/db.yaml')).toEqual([
        ['prod', undefined],
        ['stage', undefined],
        ['dev', undefined],
      ]);
      expect(await names('')).toHaveLength(3);
      expect(await names(FILE)).toEqual([['prod', expect.any(Number)]]);
      expect(await destinationsOf('db.yaml', { folder: '/proc/self' })).toEqual([]);
    });
  });
});

describe('a certificate at a URL', () => {
  const settings = (url: string) =>
    `clusters:\n  prod: {certificate: "${url}"}\nrules:\n  - {paths: ["clusters/**"], cluster: prod}\n`;
  it('is fetched by what the editor gives', async () => {
    await inFolder({ '.kubeseal.yaml': settings('https://certs.example/prod.pem') }, async ({ world }) => {
      const asked: string[] = [];
      const pem = await certificateOf('prod');
      const send = async (url: string) => {
        asked.push(url);
        return { status: 200, statusText: 'OK', headers: {}, body: encodeUtf8(pem) };
      };
      const { text } = await sealed(SECRET, { ...world, send });
      expect(await openedWith('prod', text)).toEqual({ password: 'hunter2' });
      expect(asked).toEqual(['https://certs.example/prod.pem']);
    });
  });
  it('is not fetched where nothing may be, nor over plain http without a pin', async () => {
    await inFolder({ '.kubeseal.yaml': settings('https://certs.example/prod.pem') }, async ({ world }) => {
      await expect(sealed(SECRET, world)).rejects.toThrow('nothing is fetched here');
    });
    await inFolder({ '.kubeseal.yaml': settings('http://certs.example/prod.pem') }, async ({ world }) => {
      const send = () => Promise.reject(new Error('was asked'));
      await expect(sealed(SECRET, { ...world, send })).rejects.toThrow('plain http');
    });
  });
});

describe('sealingWith', () => {
  it('seals with a certificate that a person chose, and never in the place of recipients of v2', async () => {
    await inFolder({}, async ({ world }) => {
      const sealing = sealingWith('clusters/dev/cert.pem', world);
      const { text } = await sealText({ text: SECRET, file: '' }, sealing, world.warn);
      expect(await openedWith('dev', text)).toEqual({ password: 'hunter2' });
      await expect(sealing.recipientFor('v2')).rejects.toMatchObject({ code: 'ERR_USAGE' });
    });
  });
  it.each(['/dev/null', 'clusters', 'large.pem'])('reads no %s, which is no certificate', async (name) => {
    await inFolder(
      { 'large.pem': `${await certificateOf('dev')}${'\n'.repeat(1024 * 1024)}` },
      async ({ world }) => {
        const opening = sealingWith(name, world).recipientFor('v1');
        await expect(opening).rejects.toThrow(`${name} is not a certificate`);
      },
    );
  });
});
