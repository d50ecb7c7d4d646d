import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseGeneratedItem } from './generators.ts';

describe('a key pair of SSH', () => {
  it('is one that ssh-keygen reads, with the public half in the item .pub', async () => {
    const made = parseGeneratedItem('identity=ssh');
    const pair = await made.make();
    expect([...pair.keys()]).toEqual(['identity.pub', 'identity']);
    expect(made.publicName).toBe('identity.pub');
    const directory = mkdtempSync(join(tmpdir(), 'fuin-ssh-'));
    try {
      const file = join(directory, 'key');
      writeFileSync(file, pair.get('identity') ?? '', { mode: 0o600 });
      const read = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
      expect(pair.get('identity.pub')).toBe(`${read.trim().split(' ').slice(0, 2).join(' ')}\n`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
  it('has the names of the type ssh-auth', () => {
    expect(parseGeneratedItem('ssh-privatekey=ssh').names).toEqual(['ssh-publickey', 'ssh-privatekey']);
  });
  it('is another one each time', async () => {
    const make = async () => (await parseGeneratedItem('a=ssh').make()).get('a');
    expect(await make()).not.toBe(await make());
  });
});

describe('a key pair of TLS', () => {
  it('is a certificate for the names of the server with its key', async () => {
    const pair = await parseGeneratedItem('tls=tls:web.test,*.web.test,10.0.0.1,::1').make();
    const certificate = new X509Certificate(pair.get('tls.crt') ?? '');
    const key = createPrivateKey(pair.get('tls.key') ?? '');
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=web.test');
    expect(certificate.ca).toBe(false);
    expect(certificate.checkHost('any.web.test')).toBe('*.web.test');
    expect([certificate.checkIP('10.0.0.1'), certificate.checkIP('::1')]).toEqual(['10.0.0.1', '::1']);
    expect(certificate.checkHost('other.test')).toBeUndefined();
  });
});
