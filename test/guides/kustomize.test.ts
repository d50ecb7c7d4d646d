import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeUtf8, importKeyPair, KeyRing, openItems, parseSealedSecret } from '@fuin/crypto-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { ApiObject } from '../support/api/types.ts';
import { guideTool, sourceFile } from '../support/tools/guide-tools.ts';
import { readVector } from '../vectors/read.ts';
import { guideBlock } from './guide-block.ts';
import { ROOT } from './guide-world.ts';
import { useShell } from './shell.ts';

const EXAMPLE = join(ROOT, 'examples', 'kustomize');
const BUILD = 'kustomize build --enable-alpha-plugins --enable-exec';
const holder = useShell();

beforeAll(async () => {
  const { shell } = holder;
  await shell.sh(`ln -s ${guideTool('kustomize')} bin/kustomize`);
  await cp(EXAMPLE, shell.directory, { recursive: true });
  await shell.write('production/cert.pem', readVector('kubeseal/a.crt'));
  await shell.write('base/db.env', 'password=hunter2\n');
});

function objectsIn(text: string): ApiObject[] {
  return parseAllDocuments(text).map((document) => document.toJS() as ApiObject);
}
async function build(directory: string): Promise<ApiObject[]> {
  const { code, stdout, stderr } = await holder.shell.sh(`${BUILD} ${directory}`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return objectsIn(stdout);
}
function sealedIn(objects: readonly ApiObject[]) {
  return parseSealedSecret(objects.find(({ kind }) => kind === 'SealedSecret'));
}
async function passwordIn(objects: readonly ApiObject[]): Promise<string | undefined> {
  const pair = await importKeyPair(readVector('kubeseal/a.pkcs1.key'));
  const { values } = await openItems(sealedIn(objects), KeyRing.of(pair));
  const value = values.get('password');
  return value && decodeUtf8(value);
}
/** The name by which the Deployment asks for its Secret. */
function referenceIn(objects: readonly ApiObject[]): unknown {
  const spec = objects.find(({ kind }) => kind === 'Deployment')?.['spec'];
  const { containers } = (spec as { template: { spec: { containers: { envFrom: unknown[] }[] } } }).template
    .spec;
  return containers[0]?.envFrom[0];
}

describe('the guide to Kustomize', () => {
  it('seals what a secretGenerator makes, under the name that the overlay gives it', async () => {
    const script = guideBlock('kustomize.md', 'sh');
    const { code, stderr } = await holder.shell.sh(script);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('hunter2') });
    const text = await readFile(holder.shell.path('production.yaml'), 'utf8');
    expect(text).not.toMatch(/hunter2|aHVudGVyMg|internal\.config|kustomize\.config/);
    const objects = objectsIn(text);
    expect(objects.map(({ kind }) => kind)).toEqual(['Deployment', 'SealedSecret']);
    expect(sealedIn(objects).metadata).toEqual({ name: 'prod-db', namespace: 'shop' });
    expect(await passwordIn(objects)).toBe('hunter2');
    expect(referenceIn(objects)).toEqual({ secretRef: { name: 'prod-db' } });
  });
  it('shows the example', async () => {
    const example = await readFile(join(EXAMPLE, 'production', 'seal-secrets.yaml'), 'utf8');
    expect(guideBlock('kustomize.md', 'yaml')).toBe(example);
  });
  it("has Kustomize's own list of references to Secrets", async () => {
    const path = 'internal/konfig/builtinpluginconsts/namereference.go';
    const source = await readFile(sourceFile('kustomizeApi', path), 'utf8');
    const [, list = ''] = /`\n(nameReference:[\s\S]*?)`/.exec(source) ?? [];
    const { nameReference } = parse(list) as { nameReference: { kind: string; fieldSpecs: object[] }[] };
    const ours = parse(await readFile(join(EXAMPLE, 'production', 'secret-references.yaml'), 'utf8'));
    const theirs = nameReference.find(({ kind }) => kind === 'Secret');
    expect(theirs?.fieldSpecs.length).toBeGreaterThan(50);
    expect(ours.nameReference).toEqual([
      { kind: 'SealedSecret', group: 'bitnami.com', fieldSpecs: theirs?.fieldSpecs },
    ]);
  });
});

describe('the transformer in an overlay over SealedSecrets', () => {
  /** An overlay of the sealed build with a suffix, and a transformer with this spec. */
  const overlay = async (name: string, spec: object): Promise<void> => {
    const { shell } = holder;
    const transformer = parse(guideBlock('kustomize.md', 'yaml'));
    await shell.write(`${name}/resources.yaml`, await readFile(shell.path('production.yaml'), 'utf8'));
    await shell.write(`${name}/check.yaml`, JSON.stringify({ ...transformer, spec }));
    await shell.sh(`cp production/secret-references.yaml ${name}`);
    await shell.write(
      `${name}/kustomization.yaml`,
      'resources: [resources.yaml]\nnameSuffix: -eu\ntransformers: [check.yaml]\nconfigurations: [secret-references.yaml]\n',
    );
  };
  it('refuses a SealedSecret that was renamed, and says why', async () => {
    await overlay('refused', {});
    const { code, stdout, stderr } = await holder.shell.sh(`${BUILD} refused`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: SealedSecret shop/prod-db-eu: its template has the name prod-db:');
    expect(stderr).toContain('exit status 3');
  });
  it('gives its name back where that is asked for, and references follow', async () => {
    await overlay('restored', { renamed: 'restore' });
    const objects = await build('restored');
    expect(sealedIn(objects).metadata.name).toBe('prod-db');
    expect(referenceIn(objects)).toEqual({ secretRef: { name: 'prod-db' } });
    expect(await passwordIn(objects)).toBe('hunter2');
  });
  it('shows no plaintext where a Secret must not be sealed', async () => {
    const { shell } = holder;
    await shell.sh('cp -r production refusing');
    const spec = { secrets: 'refuse' };
    const transformer = { ...parse(guideBlock('kustomize.md', 'yaml')), spec };
    await shell.write('refusing/seal-secrets.yaml', JSON.stringify(transformer));
    const { code, stdout, stderr } = await shell.sh(`${BUILD} refusing`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: Secret shop/prod-db: is a Secret in the clear');
    expect(stderr).not.toMatch(/hunter2|aHVudGVyMg/);
  });
});
