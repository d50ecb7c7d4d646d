import { describe, expect, it } from 'vitest';
import {
  BACKUP,
  certificate,
  FOREIGN,
  KEYS,
  NEW,
  NEW_FROM,
  NOW,
  noted,
  sealed,
} from '../../testing/inspected.ts';
import { runCli } from '../../testing/run-cli.ts';

const why = (files: Readonly<Record<string, string>>, ...args: string[]) =>
  runCli({ argv: ['why', ...args], files, now: NOW });
const object = async (
  change: (object: { metadata: object; spec: { encryptedData: Record<string, string> } }) => void,
) => {
  const parsed = JSON.parse(await sealed('db', { password: 'hunter2', user: 'ann' }));
  change(parsed);
  return JSON.stringify(parsed);
};

describe('kubeseal why', () => {
  it('tells what is wrong with each item without a key, and never a value', async () => {
    const text = await object(({ spec: { encryptedData } }) =>
      Object.assign(encryptedData, { password: encryptedData['password']?.slice(0, 99), user: 'hunter2' }),
    );
    const { code, stdout, stderr } = await why({ 'a.json': text }, 'a.json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`document 1 of a.json: SealedSecret shop/db
  password: it was cut or changed: its end is missing
  user: it is not sealed: it is not the base64 of a sealed value
`);
  });
  it('tells that the object was renamed or moved', async () => {
    const text = await object(({ metadata }) => Object.assign(metadata, { name: 'db2' }));
    expect((await why({ 'a.json': text }, '.')).stdout).toMatch(
      /shop\/db2\n {2}its template has the name db: /,
    );
  });
  it('tries the keys under the other scopes of the object', async () => {
    const wide = JSON.parse(await sealed('db', { password: 'x' }, { scope: 'namespace-wide' }));
    const files = {
      'keys.yaml': BACKUP,
      'a.json': JSON.stringify({ ...wide, metadata: { name: 'db', namespace: 'shop' } }),
    };
    expect((await why(files, ...KEYS, 'a.json')).stdout).toMatch(
      /\n {2}password: it opens as namespace-wide: its annotations say something else\n/,
    );
  });
  it('says when the key that opens it was retired', async () => {
    const metadata =
      '{name: rsa2048-b.pkcs8, annotations: {sealedsecrets.bitnami.com/retired-at: "2026-06-21T00:00:00.000Z"}';
    const keys = BACKUP.replace('{name: rsa2048-b.pkcs8', metadata);
    const { stdout } = await why(
      { 'a.json': await sealed('a', { x: '1' }), 'keys.yaml': keys },
      ...KEYS,
      'a.json',
    );
    expect(stdout).toContain(`key ${NEW.id} was retired on 2026-06-21 by kubeseal keys retire`);
  });
  it('names the cluster of the key that the sealing note has', async () => {
    const files = {
      'keys.yaml': BACKUP,
      'clusters/b/cert.pem': await certificate(FOREIGN, NEW_FROM),
      'a.json': await noted('db', { password: 'x' }, FOREIGN),
    };
    const certs = ['--certs', 'clusters/*/cert.pem'];
    expect((await why(files, ...KEYS, ...certs, 'a.json')).stdout).toContain(
      `password: its note says that it was sealed with key ${FOREIGN.id} (the key of clusters/b/cert.pem), which is not among the keys that were tried\n`,
    );
    expect((await why(files, ...certs, 'a.json')).stdout).toContain(
      `its note says that key ${FOREIGN.id} (the key of clusters/b/cert.pem) sealed password\n`,
    );
  });
  it('says which key opens an item, and that nothing tells more', async () => {
    const files = {
      'keys.yaml': BACKUP,
      'a.json': await sealed('a', { x: '1' }),
      'b.json': await sealed('b', { x: '1' }, { key: FOREIGN }),
    };
    const { stdout } = await why(files, ...KEYS, 'a.json', 'b.json');
    expect(stdout).toBe(`document 1 of a.json: SealedSecret shop/a
  x: it opens with key ${NEW.id}
document 1 of b.json: SealedSecret shop/b
  none of the given keys opens it, and nothing tells why: was it sealed for this cluster, and for this name and namespace?
`);
    expect((await why(files, 'b.json')).stdout).toMatch(
      /nothing is wrong with it that can be seen without a key/,
    );
  });
  it('prints one JSON document', async () => {
    const text = await object(({ spec: { encryptedData } }) =>
      Object.assign(encryptedData, { user: 'hunter2' }),
    );
    const { stdout } = await why({ 'a.json': text, 'bad.yaml': 'kind: SealedSecret\nx: [' }, '--json', '.');
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      sealedSecrets: [
        {
          ...{
            file: 'a.json',
            place: 'document 1 of a.json',
            namespace: 'shop',
            name: 'db',
            scope: 'strict',
          },
          reasons: [{ cause: 'not-sealed', item: 'user', message: expect.any(String) }],
          ...{ opened: {}, remarks: [] },
        },
      ],
      errors: [{ file: 'bad.yaml', message: expect.stringContaining('is not valid YAML') }],
    });
  });
  it.each([
    ['a file that is missing', ['gone.yaml'], 1, /^error: open gone\.yaml: no such file/],
    ['no file', [], 2, /^error: /],
    [
      'a key file that is none',
      ['--recovery-private-key', 'a.yaml', 'a.yaml'],
      1,
      /^error: cannot read private keys/,
    ],
  ])('fails for %s', async (_what, args, code, message) => {
    expect(await why({ 'a.yaml': 'kind: Pod\n' }, ...args)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });
  it('says that there is nothing to explain', async () => {
    expect(await why({ 'a.yaml': 'kind: Pod\n' }, '.')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'note: there is no SealedSecret\n',
    });
  });
});
