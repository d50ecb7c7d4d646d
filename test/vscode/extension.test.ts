import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
const HALF_SEALED = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: mail
  namespace: shop
spec:
  encryptedData:
    token: hunter4
`;
/** VS Code would make a link of its name, which opens a new text. */
const LINK = '[open](command:workbench.action.files.newUntitledFile).yaml';
const filesWith = (certificate: string) => ({
  '.kubeseal.yaml': `clusters: {prod: {certificate: "${certificate}"}}\nrules: [{paths: ["*.yaml"], cluster: prod}]\n`,
  'db.yaml': SECRET,
  'mail.yaml': HALF_SEALED,
  'two.yaml': `${SECRET}---\n${SECRET}`,
  'unopened.json': JSON.stringify({
    kind: 'Secret',
    metadata: { name: 'web' },
    stringData: { a: 'hunter5' },
  }),
  [LINK]: 'kind: ConfigMap\n',
});

let certificates: Server;
let requests = 0;
let server: VscodeServer;
let files: ReturnType<typeof filesWith>;
let ring: KeyRing;
beforeAll(async () => {
  if (isSkipped) return;
  certificates = createServer((_request, response) => {
    requests += 1;
    response.end(readVector('x509/rsa-a.crt'));
  });
  await new Promise<void>((resolve) => certificates.listen(0, '127.0.0.1', resolve));
  files = filesWith(`http://127.0.0.1:${(certificates.address() as AddressInfo).port}/cert.pem`);
  server = await VscodeServer.start();
  ring = KeyRing.of(await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem')));
});
afterAll(async () => {
  certificates?.close();
  await server?.close();
});

let window: Workbench;
/** One window on a new folder with the files, for the tests of a `describe`. */
function useWindow(isTrusted = true): void {
  beforeAll(async () => {
    window = await server.open(files, isTrusted);
  });
  afterAll(async () => {
    await window?.page.close();
  });
}

/** The values of a SealedSecret as the controller would open them. */
async function opened(text: string): Promise<Record<string, string>> {
  const { secret } = await unsealSecret(parseSealedSecret(parse(text)), ring);
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([item, value]) => [item, Buffer.from(value, 'base64').toString()]),
  );
}

describe.skipIf(isSkipped)('the extension in the server of VS Code, in a folder that is trusted', () => {
  useWindow();

  it('shows a Secret in the clear as a problem, and seals it for the cluster of the file', async () => {
    await window.openFile('db.yaml');
    await window.problem('is a Secret in the clear');
    await window.command('Kubeseal: Seal This File');
    expect(await window.notification('sealed for cluster prod')).toContain('1 Secret is sealed');
    expect(await opened(await window.save('db.yaml', SECRET))).toEqual({ password: 'hunter2', user: 'ann' });
    expect(await window.notification('history of Git')).toContain('change such values');
    expect(requests).toBeGreaterThan(0); // the certificate is fetched
  });

  it('sets an item to a value that is typed hidden', async () => {
    const before = await window.text('db.yaml');
    await window.command('Kubeseal: Set Item');
    await window.choose('password');
    await window.choose('Type it');
    await window.typeHidden('hunter3');
    await window.notification('changed password');
    const changed = await window.save('db.yaml', before);
    expect(await opened(changed)).toEqual({ password: 'hunter3', user: 'ann' });
    const kept = before.split('\n').filter((line) => !/password:|annotations|sealed/.test(line));
    expect(changed.split('\n')).toEqual(expect.arrayContaining(kept));
  });

  it('shows scope and key of each item beside the file, and no value', async () => {
    await window.command('Kubeseal: Inspect');
    const report = await window.shown('db.yaml.txt', 'password');
    expect(report).toMatch(/strict/);
    expect(report).not.toContain('hunter');
  });

  it('seals the Secret whose lines are selected, and leaves the other one as it is', async () => {
    await window.openFile('two.yaml');
    await window.goTo(1, 5);
    for (const _ of SECRET.trimEnd().split('\n').slice(1))
      await window.page.keyboard.press('Shift+ArrowDown');
    await window.command('Kubeseal: Seal Selection');
    const [, first = '', second] = (await window.save('two.yaml', files['two.yaml'])).split('---\n');
    expect(await opened(first)).toEqual({ password: 'hunter2', user: 'ann' });
    expect(second).toBe(SECRET);
  });

  it('seals a value that is selected among sealed ones, in its place', async () => {
    await window.openFile('mail.yaml');
    await window.goTo(8, 12);
    await window.page.keyboard.press('Shift+End');
    await window.command('Kubeseal: Seal Selection');
    const changed = await window.save('mail.yaml', HALF_SEALED);
    expect(await opened(changed)).toEqual({ token: 'hunter4' });
  });

  it('leaves a text alone that was changed while a person was asked', async () => {
    const before = await window.text('mail.yaml');
    await window.openFile('mail.yaml');
    await window.command('Kubeseal: Set Item');
    await window.choose('token');
    await window.choose('Type it');
    await window.prepend('mail.yaml', '# mine ');
    await window.typeHidden('hunter6');
    await window.notification('the text was changed meanwhile');
    expect(await window.save('mail.yaml', before)).toBe(`# mine ${before}`);
  });

  it('finds what is wrong in files that nobody opened', async () => {
    await window.command('Kubeseal: Check Workspace');
    expect(await window.notification('problems in')).toMatch(/in 6 files/);
    await window.problem('unopened.json is a Secret in the clear');
  });

  it('makes no link of a name, and shows no value in a notification', async () => {
    await window.openFile('newUntitledFile');
    await window.command('Kubeseal: Seal This File');
    await window.notification('holds no Secret in the clear');
    expect(await window.links()).toBe(0);
    expect((await window.notifications()).join()).not.toContain('hunter');
  });
});

describe.skipIf(isSkipped)('the extension in the server of VS Code, in Restricted Mode', () => {
  let before: number;
  beforeAll(() => {
    before = requests;
  });
  useWindow(false);

  it('checks and inspects, and offers no command that seals', async () => {
    await window.openFile('mail.yaml');
    await window.problem('item token of SealedSecret shop/mail is not sealed');
    await window.command('Kubeseal: Inspect');
    expect(await window.shown('mail.yaml.txt', 'token')).not.toContain('hunter');
    await window.command('Kubeseal: Check Workspace');
    expect(await window.notification('problems in')).toMatch(/in 6 files/);
    const offered = (await window.offered('Kubeseal: ', 'Kubeseal: Inspect')).join();
    expect(offered).toContain('Check Workspace');
    expect(offered).not.toMatch(/Seal This File|Seal Selection|Set Item/);
  });

  it('refuses to seal, and fetches nothing, where a fix of a problem asks for it', async () => {
    await window.problem('is a Secret in the clear: shop/db');
    await window.openFile('db.yaml');
    await window.goTo(6);
    await window.quickFix('Seal this file');
    await window.notification('nothing is sealed in a workspace that is not trusted');
    expect(await window.shown('db.yaml', 'stringData')).toContain('hunter2');
    expect(requests).toBe(before);
  });
});
