import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OutputChunk } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCryptoCore } from '../../../scripts/bundle/bundle.ts';
import { readVector } from '../../../test/vectors/read.ts';

let folder: string;
let chunks: ReadonlyMap<string, OutputChunk>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crypto-core-'));
  chunks = new Map((await buildCryptoCore(folder)).map((chunk) => [chunk.fileName, chunk]));
});
afterAll(() => rm(folder, { recursive: true }));

/** The chunk and all that it imports, lazily loaded ones too when asked for. */
function reachable(fileName: string, isLazyToo: boolean, seen = new Set<string>()): Set<string> {
  const chunk = chunks.get(fileName);
  if (!chunk || seen.has(fileName)) return seen;
  seen.add(fileName);
  for (const next of [...chunk.imports, ...(isLazyToo ? chunk.dynamicImports : [])])
    reachable(next, isLazyToo, seen);
  return seen;
}
const sourcesOf = (fileNames: Iterable<string>) =>
  [...fileNames].flatMap((name) => chunks.get(name)?.moduleIds ?? []);
const outsideOf = (fileNames: Iterable<string>) =>
  [...fileNames].flatMap((name) =>
    [...(chunks.get(name)?.imports ?? [])].filter((target) => !chunks.has(target)),
  );

describe('the bundle of crypto-core', () => {
  it.each(['index.js', 'errors.js'])(
    '%s reaches neither node-forge nor a node module, not even lazily',
    (entry) => {
      const files = reachable(entry, true);
      expect(sourcesOf(files).filter((id) => id.includes('node_modules'))).toEqual([]);
      for (const name of files) expect(chunks.get(name)?.code).not.toMatch(/node:|node-forge|require\(/);
      expect(outsideOf(files)).toEqual([]);
    },
  );
  it('x509.js loads node-forge only when it makes a certificate, and imports nothing else from outside', () => {
    expect(sourcesOf(reachable('x509.js', false)).filter((id) => id.includes('node_modules'))).toEqual([]);
    expect(sourcesOf(reachable('x509.js', true)).some((id) => id.includes('node-forge'))).toBe(true);
    expect(outsideOf(reachable('x509.js', true))).toEqual([]);
  });
  it('v2.js brings HPKE and Bech32m with it, the KEM in JavaScript later, and imports nothing from outside', () => {
    const packagesOf = (isLazyToo: boolean) =>
      new Set(
        sourcesOf(reachable('v2.js', isLazyToo)).flatMap(
          (id) => /node_modules\/((?:@\w+\/)?[\w-]+)\/[^/]+$/.exec(id)?.[1] ?? [],
        ),
      );
    expect(packagesOf(false)).toEqual(new Set(['hpke', '@scure/base']));
    expect(packagesOf(true)).toContain('@panva/hpke-noble');
    expect(outsideOf(reachable('v2.js', true))).toEqual([]);
  });
  it('makes and reads a certificate in Node', async () => {
    const load = (name: string) => import(pathToFileURL(join(folder, name)).href);
    const [core, x509] = await Promise.all([load('index.js'), load('x509.js')]);
    const key = await core.importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
    const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2036-01-01T00:00:00Z')];
    const pem = await x509.createCertificate(key, { commonName: 'x', notBefore, notAfter });
    expect((await x509.parseCertificate(pem)).recipient.id).toBe(key.id);
  });
});
