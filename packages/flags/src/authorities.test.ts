import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, getCACertificates } from 'node:tls';
import { formatPem } from '@fuin/crypto-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../../../test/vectors/read.ts';
import { systemAuthorities } from './authorities.ts';

const [root, leaf] = [readVector('chain/root.crt'), readVector('chain/leaf.crt')];
const junk = formatPem('CERTIFICATE', new Uint8Array(40));
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'authorities-'));
  await mkdir(join(directory, 'store'));
  await writeFile(join(directory, 'bundle.pem'), `# comment\n${root}${readVector('chain/leaf.key')}${junk}`);
  await writeFile(join(directory, 'store', 'root.pem'), root);
  await writeFile(join(directory, 'store', 'leaf.pem'), leaf);
  await writeFile(join(directory, 'outside.pem'), junk);
  await symlink('leaf.pem', join(directory, 'store', 'deadbeef.0'));
  await symlink('../outside.pem', join(directory, 'store', 'outside.pem'));
});

const authorities = (env: Record<string, string>) => systemAuthorities(env, 'linux') ?? [];
/** Without the certificates of NODE_EXTRA_CA_CERTS, which may be set where the tests run. */
const ofStore = (env: Record<string, string>) => {
  const extra = getCACertificates('extra').map((pem) => pem.trim());
  return authorities(env)
    .filter((each) => !extra.includes(each))
    .map((each) => `${each}\n`);
};

describe('systemAuthorities', () => {
  it('reads SSL_CERT_FILE and each directory of SSL_CERT_DIR, each certificate once', () => {
    const env = { SSL_CERT_FILE: join(directory, 'bundle.pem'), SSL_CERT_DIR: `/nowhere:${directory}/store` };
    expect(ofStore(env).sort()).toEqual([root, leaf, junk].sort());
  });
  it('returns a certificate once, from a directory that is named twice and contains links to its own files', () => {
    const directories = `${directory}/store:${directory}/store`;
    const found = ofStore({ SSL_CERT_FILE: '/nowhere', SSL_CERT_DIR: directories });
    expect(found.sort()).toEqual([root, leaf, junk].sort());
  });
  it('reads certificates with line ends of Windows, and ignores one that is cut off', async () => {
    const cut = leaf.slice(0, leaf.length / 2);
    await writeFile(join(directory, 'windows.pem'), `${cut}\n${root.replaceAll('\n', '\r\n')}`);
    const env = { SSL_CERT_FILE: join(directory, 'windows.pem'), SSL_CERT_DIR: '/nowhere' };
    expect(ofStore(env)).toEqual([root]);
  });
  it('reports an SSL_CERT_FILE that is a directory', () => {
    const env = { SSL_CERT_FILE: join(directory, 'store'), SSL_CERT_DIR: '/nowhere' };
    expect(() => authorities(env)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
  it('ignores empty variables', () => {
    expect(systemAuthorities({ SSL_CERT_FILE: '', SSL_CERT_DIR: '' }, 'linux')).toEqual(
      systemAuthorities({}, 'linux'),
    );
  });
  it('returns only what Node accepts, whatever the store contains', () => {
    const ca = authorities({ SSL_CERT_FILE: join(directory, 'bundle.pem'), SSL_CERT_DIR: '/nowhere' });
    expect(() => createSecureContext({ ca })).not.toThrow();
  });
  it('reports variables that point to no certificate', () => {
    const env = { SSL_CERT_FILE: '/nowhere/a.pem', SSL_CERT_DIR: '/nowhere' };
    expect(() => authorities(env)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
  it('ignores the variables on systems whose store is not a file', () => {
    expect(() =>
      systemAuthorities({ SSL_CERT_FILE: '/nowhere', SSL_CERT_DIR: '/nowhere' }, 'win32'),
    ).not.toThrow();
  });
});
