import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { textsOf } from '../support/objects.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';
import { runToEnd } from './program.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const holder = useWorld();
let scratch: string;
const inScratch = (name: string) => join(scratch, name);

/** Runs kubeseal with the certificate of the world. @returns what it prints on stdout */
async function kubeseal(args: readonly string[], stdin = ''): Promise<string> {
  await writeFile(inScratch('cert.pem'), await holder.world.certificate());
  const run = await runToEnd(KUBESEAL, [...args, `--cert=${inScratch('cert.pem')}`], stdin);
  const { code, stdout, stderr } = run;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('note: sealed with') });
  return stdout;
}

const manifest = async (name: string) => JSON.parse(await readFile(inScratch(name), 'utf8')) as ApiObject;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-create-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('kubeseal create', () => {
  it('makes a SealedSecret that the controller opens, value by value', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await writeFile(inScratch('.env'), 'export HOST="db.test" # host\nKEY="one\ntwo"\n');
    const file = inScratch('db.json');
    const sources = [
      'user=ann',
      'password=@-',
      '--from-env-file',
      inScratch('.env'),
      '--generate',
      'id=uuid',
    ];
    await kubeseal(['create', `${namespace}/db`, ...sources, '-l', 'app=web', '-w', file], 'hunter2');
    await world.apply(await manifest('db.json'));
    const secret = await world.untilItem(namespace, 'db', ['password', 'hunter2']);
    expect(textsOf(secret)).toEqual({
      user: 'ann',
      password: 'hunter2',
      HOST: 'db.test',
      KEY: 'one\ntwo',
      id: expect.stringMatching(/^[-0-9a-f]{36}$/),
    });
    expect(secret).toMatchObject({ type: 'Opaque', metadata: { labels: { app: 'web' } } });
  });
});

describe('kubeseal create for programs', () => {
  it('tells what it makes, and before that what it would make', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const file = inScratch('told.json');
    const args = ['create', `${namespace}/told`, 'user=ann', 'password=@-', '-w', file, '--json'];
    const dry = await runToEnd(KUBESEAL, [...args, '--dry-run'], 'hunter2');
    expect({ code: dry.code, isWritten: existsSync(file) }).toEqual({ code: 0, isWritten: false });
    const told: unknown = JSON.parse(await kubeseal(args, 'hunter2'));
    expect(told).toEqual({ ...(JSON.parse(dry.stdout) as object), dryRun: false });
    expect(JSON.stringify(told)).not.toContain('hunter2');
    await world.apply(await manifest('told.json'));
    await world.untilItem(namespace, 'told', ['password', 'hunter2']);
  });
});

describe('kubeseal create with generated key pairs and templates', () => {
  it('makes what the controller opens and renders', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await writeFile(inScratch('url.tmpl'), 'postgres://{{ .user }}:{{ .password }}@db');
    const file = inScratch('made.json');
    const made = [
      '--generate',
      'identity=ssh',
      '--generate',
      'web=tls:web.test',
      '--generate',
      'phrase=words',
    ];
    const args = ['user=ann', 'password=@-', ...made, '--template', `url=@${inScratch('url.tmpl')}`];
    await kubeseal(['create', `${namespace}/made`, ...args, '-w', file], 'hunter2');
    await world.apply(await manifest('made.json'));
    const texts = textsOf(await world.untilItem(namespace, 'made', ['url', 'postgres://ann:hunter2@db']));
    expect(texts['identity.pub']).toMatch(/^ssh-ed25519 /);
    expect(texts['identity']).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    expect(new X509Certificate(texts['web.crt'] ?? '').checkHost('web.test')).toBe('web.test');
    expect(texts['phrase']).toMatch(/^[a-z]+(-[a-z]+){11}$/);
  });
});

describe('kubeseal set, rename and unset', () => {
  it('change a file so that the controller opens the new value and leaves the others', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const file = inScratch('app.json');
    const create = ['create', `${namespace}/app`, 'password=old', 'user=ann', 'gone=x'];
    await kubeseal([...create, '--scope=namespace-wide', '-w', file]);
    await kubeseal(['set', file, 'password'], 'hunter2');
    for (const args of [
      ['rename', file, 'user', 'name'],
      ['unset', file, 'gone'],
    ])
      expect((await runToEnd(KUBESEAL, args)).code).toBe(0);
    await world.apply(await manifest('app.json'));
    const secret = await world.untilItem(namespace, 'app', ['password', 'hunter2']);
    expect(textsOf(secret)).toEqual({ password: 'hunter2', name: 'ann' });
  });
});
