import { importKeyPair, KeyRing, parseSealedSecret, unsealSecret } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readVector } from '../vectors/read.ts';
import { isSkipped, VscodeServer } from './vscode-server.ts';
import type { Workbench } from './workbench.ts';

const SECRET = `apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
stringData:
  password: hunter2
  user: ann
`;
const FILES = {
  '.kubeseal.yaml':
    'clusters: {prod: {certificate: cert.pem}}\nrules: [{paths: ["db.yaml"], cluster: prod}]\n',
  'cert.pem': readVector('x509/rsa-a.crt'),
  'db.yaml': SECRET,
};

let server: VscodeServer;
let ring: KeyRing;
beforeAll(async () => {
  if (isSkipped) return;
  server = await VscodeServer.start();
  ring = KeyRing.of(await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem')));
});
afterAll(() => server?.close());

/** The values of a SealedSecret as the controller would open them. */
async function opened(text: string): Promise<Record<string, string>> {
  const { secret } = await unsealSecret(parseSealedSecret(parse(text)), ring);
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([item, value]) => [item, Buffer.from(value, 'base64').toString()]),
  );
}

async function sealFile(window: Workbench): Promise<string> {
  await window.openFile('db.yaml');
  await window.command('Kubeseal: Seal This File');
  expect(await window.notification('sealed for cluster prod')).toContain('1 Secret is sealed');
  return window.save('db.yaml');
}

describe.skipIf(isSkipped)('the extension in the server of VS Code', () => {
  it('shows a Secret in the clear as a problem, and seals it for the cluster of the file', async () => {
    const window = await server.open(FILES);
    await window.openFile('db.yaml');
    await window.problem('is a Secret in the clear');
    const sealed = await sealFile(window);
    expect(await opened(sealed)).toEqual({ password: 'hunter2', user: 'ann' });
    expect(await window.notification('history of Git')).toContain('change such values');
    expect((await window.notifications()).join()).not.toContain('hunter');
    await window.page.close();
  });

  it('sets an item to a value that is typed hidden', async () => {
    const window = await server.open(FILES);
    const before = await sealFile(window);
    await window.command('Kubeseal: Set Item');
    await window.choose('password');
    await window.choose('Type it');
    await window.typeHidden('hunter3');
    await window.notification('changed password');
    const changed = await window.save('db.yaml');
    expect(await opened(changed)).toEqual({ password: 'hunter3', user: 'ann' });
    const kept = before.split('\n').filter((line) => !/password:|annotations|sealed/.test(line));
    expect(changed.split('\n')).toEqual(expect.arrayContaining(kept));
    expect((await window.notifications()).join()).not.toContain('hunter');
    await window.page.close();
  });
});
