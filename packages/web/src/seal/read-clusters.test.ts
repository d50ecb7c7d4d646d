import { formatPem } from '@fuin/crypto-core';
import { formatRecipient, XWingKeyPair } from '@fuin/crypto-core/v2';
import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { readClusters } from './read-clusters.ts';

const [a, b] = [readVector('x509/rsa-a.crt'), readVector('x509/rsa-b.crt')];

describe('readClusters', () => {
  it('reads several certificates with fingerprint and expiry, each once, whatever stands between', async () => {
    const clusters = await readClusters(`prod:\n${a}\nstage:\n${b}\n${a}`, 'x');
    expect(clusters.map(({ name }) => name)).toEqual(['x', 'x 2']);
    for (const { recipient, notAfter } of clusters) {
      expect(recipient.id).toMatch(/^SHA256:/);
      expect(notAfter).toBeInstanceOf(Date);
    }
  });
  it('reads a recipient of format v2 in one word', async () => {
    const { recipient } = await XWingKeyPair.of(await XWingKeyPair.generate());
    const [cluster] = await readClusters(` ${formatRecipient(recipient.publicKey)}\n`, 'x');
    expect(cluster).toMatchObject({ recipient: { id: recipient.id } });
  });
  it.each([
    ['nothing', '', 'ERR_CERTIFICATE_INVALID'],
    ['a page of HTML', '<script>alert(1)</script>', 'ERR_CERTIFICATE_INVALID'],
    ['a private key', readVector('keys/rsa2048-a.pkcs8.pem'), 'ERR_CERTIFICATE_INVALID'],
    ['a certificate of another kind of key', readVector('x509/ec.crt'), 'ERR_CERTIFICATE_INVALID'],
    ['a damaged certificate', formatPem('CERTIFICATE', new Uint8Array(200)), 'ERR_CERTIFICATE_INVALID'],
    [
      'one good and one damaged',
      `${a}${formatPem('CERTIFICATE', new Uint8Array(9))}`,
      'ERR_CERTIFICATE_INVALID',
    ],
    ['a damaged recipient', 'fuin1qqqq', 'ERR_KEY_INVALID'],
    ['more than a person has', a.repeat(65), 'ERR_CERTIFICATE_INVALID'],
  ])('refuses %s', async (_what, text, code) => {
    await expect(readClusters(text, 'x')).rejects.toMatchObject({ code });
  });
});
