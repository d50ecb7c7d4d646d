import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { clearDesk, type Desk, desk } from '../testing/vscode.ts';
import { registerCommands } from './commands.ts';

// the module exists inside of VS Code only, where test/vscode runs the extension
vi.mock('vscode', () => import('../testing/vscode.ts'));

const SECRET = `kind: Secret
metadata:
  name: db
  namespace: shop
stringData:
  password: hunter2
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
const IN_TOKEN = { start: { line: 7, character: 12 }, end: { line: 7, character: 15 } };
/** No rule names a cluster, so that a person is asked. */
const SETTINGS = 'clusters: {prod: {certificate: cert.pem}, broken: {certificate: none.pem}}\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vscode-'));
  await writeFile(join(folder, '.kubeseal.yaml'), SETTINGS);
  await writeFile(join(folder, 'cert.pem'), readVector('x509/rsa-a.crt'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(clearDesk);

/** Runs a command on a text, and gives the notifications. */
async function ran(command: string, given: Partial<Desk>): Promise<string> {
  Object.assign(desk, { folders: [{ scheme: 'file', fsPath: folder }], fsPath: join(folder, 'db.yaml') });
  Object.assign(desk, given);
  const checker = { checkWorkspace: async () => ({ files: 0, problems: 0 }) };
  registerCommands(checker, { show: () => Promise.reject(new Error('hunter2')) });
  await desk.commands.get(`kubeseal.${command}`)?.();
  return desk.shown.join('\n');
}

const COMMANDS: readonly (readonly [string, Partial<Desk>])[] = [
  ['sealFile', { text: SECRET, answers: ['prod'] }],
  ['sealSelection', { text: HALF_SEALED, selection: IN_TOKEN, answers: ['prod'] }],
  ['setItem', { text: HALF_SEALED, answers: ['prod', 'token', 'Type it', 'hunter3'] }],
];

describe.each(COMMANDS)('%s', (command, given) => {
  it('seals, and shows no value', async () => {
    expect(await ran(command, given)).toContain('for cluster prod, key ');
    expect(desk.text).toContain('kind: SealedSecret');
    expect(`${desk.text}${desk.shown}`).not.toContain('hunter');
  });
  it('seals nothing in a workspace that is not trusted, and asks nothing', async () => {
    const shown = await ran(command, { ...given, isTrusted: false });
    expect(shown).toMatch(/^Kubeseal: nothing is sealed in a workspace that is not trusted/);
    expect([desk.text, desk.asked]).toEqual([given.text, 0]);
  });
  it('says alone that the text cannot be changed', async () => {
    const shown = await ran(command, { ...given, isWritable: false });
    expect(shown).toMatch(/^Kubeseal: the text cannot be changed here.*$/);
  });
  it('leaves a text alone that was changed while a person was asked', async () => {
    const changed = `${given.text}# mine\n`;
    const whileAsked = () => Object.assign(desk, { text: changed });
    const shown = await ran(command, { ...given, whileAsked });
    expect(shown).toBe('Kubeseal: the text was changed meanwhile; it stays as it is');
    expect(desk.text).toBe(changed);
  });
});

describe('sealSelection', () => {
  it('seals whole lines, so that no rest of a value stays', async () => {
    const selection = { start: { line: 1, character: 3 }, end: { line: 6, character: 14 } };
    await ran('sealSelection', { text: `---\n${SECRET}---\na: b\n`, selection, answers: ['prod'] });
    expect(desk.text).toContain('kind: SealedSecret');
    expect(desk.text).toMatch(/---\na: b\n$/);
    expect(desk.text).not.toContain('hunter');
  });
  it('seals a Secret beside what cannot be read', async () => {
    const selection = { start: { line: 2, character: 0 }, end: { line: 8, character: 0 } };
    await ran('sealSelection', { text: `a: {{ b\n---\n${SECRET}`, selection, answers: ['prod'] });
    expect(desk.text).toContain('kind: SealedSecret');
  });
  it('refuses an item that is sealed already', async () => {
    await ran('sealSelection', { text: HALF_SEALED, selection: IN_TOKEN, answers: ['prod'] });
    const place = {
      line: desk.text.split('\n').findIndex((line) => line.includes(' token:')),
      character: 12,
    };
    const again = { text: desk.text, selection: { start: place, end: place } };
    clearDesk();
    expect(await ran('sealSelection', again)).toBe('Kubeseal: item token is sealed already');
  });
});

describe('a command', () => {
  it.each([
    ['sealSelection', 'hunter4'],
    ['setItem', 'hunter3'],
  ])('%s zeroes the value, also where it cannot be sealed', async (command, value) => {
    const { answers = [], ...given } = new Map(COMMANDS).get(command) ?? {};
    const encoded = vi.spyOn(TextEncoder.prototype, 'encode');
    for (const cluster of ['prod', 'broken']) {
      await ran(command, { ...given, answers: [cluster, ...answers.slice(1)], asked: 0 });
      const own = encoded.mock.results.filter((_result, at) => encoded.mock.calls[at]?.[0] === value);
      expect(own.map(({ value: bytes }) => Buffer.from(bytes))).toContainEqual(Buffer.alloc(value.length));
      encoded.mockClear();
    }
    encoded.mockRestore();
  });
  it('repeats nothing of a failure that it does not know', async () => {
    expect(await ran('inspect', { text: SECRET })).toBe('Kubeseal: unexpected failure (Error)');
  });
  it.each([
    ['by its folder', 'db.yaml', {}],
    [
      'by its own folder where the open one is virtual',
      'db.yaml',
      { folders: [{ scheme: 'x', fsPath: '/' }] },
    ],
    ['by no name where it is no file', 'the text', { scheme: 'untitled' }],
  ])('names a text %s', async (_what, name, given) => {
    const shown = await ran('sealFile', { text: 'a: b\n', answers: ['prod'], ...given });
    expect(shown).toBe(`Kubeseal: ${name} holds no Secret in the clear`);
  });
  it('makes no link of the name of a file', async () => {
    const fsPath = join(folder, '[a](command:b).yaml');
    const shown = await ran('sealFile', { text: 'a: b\n', fsPath, answers: ['prod'] });
    expect(shown).toContain('[a] (command:b).yaml holds no Secret in the clear');
  });
});
