import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CERT, vector } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';
import { startProxy } from '../../testing/servers/proxy.ts';
import { follow } from './follow.ts';

const FINGERPRINT = 'SHA256:C/Jg8H3nJulW7dkigIiVbQscSRQYQjvmv/77YzO5kXs';
/** Of another key than CERT. */
const OTHER = vector('x509/rsa-b.crt');
const SECRET = 'metadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';

let server: Server;
let url: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://here').pathname; // a proxied request names the whole URL
    if (path === '/cert.pem') response.end(CERT);
    else if (path === '/two.pem') response.end(`${OTHER.replace(/^(?=.)/gm, '  ')}${CERT}${OTHER}`);
    else if (path === '/moved') response.writeHead(302, { location: '/cert.pem' }).end();
    else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (path === '/away')
      response.writeHead(302, { location: 'http://certs.example.com/cert.pem' }).end();
    else if (path === '/broken') response.writeHead(302, { location: 'https://[' }).end();
    else if (path === '/file') response.writeHead(302, { location: 'file:///etc/hostname' }).end();
    else response.writeHead(404).end('hunter2');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

describe('a certificate from a URL', () => {
  it.each(['/cert.pem', '/moved'])('is fetched from this machine (%s)', async (path) => {
    expect(await runCli({ argv: ['--fetch-cert', '--cert', url + path] })).toMatchObject({
      code: 0,
      stdout: CERT,
      stderr: '',
    });
  });
  it('is read from a file URL', async () => {
    const { href } = new URL('../../../../../test/vectors/kubeseal/a.crt', import.meta.url);
    expect(await runCli({ argv: ['--fetch-cert', '--cert', href] })).toMatchObject({ code: 0, stdout: CERT });
  });
  it('is read from a file URL whose name is escaped', async () => {
    const result = await runCli({ argv: ['--fetch-cert', '--cert', 'file:///nowhere/50%25/c%20d.pem'] });
    expect(result.stderr).toMatch(/^error: open \/nowhere\/50%\/c d.pem: no such file or directory\n/);
  });
  it.each(['file:///x/50%/c.pem', 'file:///x%2Fc.pem', 'file://elsewhere/c.pem'])(
    'is refused from %s, with what to write instead',
    async (cert) => {
      const { code, stderr } = await runCli({ argv: ['--fetch-cert', '--cert', cert] });
      expect(code).toBe(1);
      expect(stderr).toBe(
        `error: cannot fetch "${cert}": it does not name a file on this machine\nhint: in a URL, write % as %25, or give only the name of the file\n`,
      );
    },
  );
  it.each([
    ['/nope', /^error: cannot fetch "http:.*\/nope": 404 Not Found\n$/],
    ['/loop', /stopped after 5 redirects/],
    [
      '/broken',
      /^error: cannot fetch "http:.*\/broken": it redirects to something other than an http or https URL\n$/,
    ],
    [
      '/file',
      /^error: cannot fetch "http:.*\/file": it redirects to something other than an http or https URL\n$/,
    ],
    ['/away', /^error: cannot fetch the certificate over plain http from certs.example.com/],
  ])('fails clearly for %s', async (path, message) => {
    const { code, stdout, stderr } = await runCli({ argv: ['--fetch-cert', '--cert', url + path] });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });
  it.each(['/nope', '/broken', '/loop'])('keeps the password of the URL out of errors (%s)', async (path) => {
    const cert = url.replace('//', '//me:hunter2@') + path;
    const { code, stderr } = await runCli({ argv: ['--fetch-cert', '--cert', cert] });
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/me:|hunter2/);
  });
  it('keeps the password of a URL with an unknown scheme out of errors', async () => {
    const { stderr } = await runCli({ argv: ['--fetch-cert', '--cert', 'ftp://me:hunter2@example.com/x'] });
    expect(stderr).toMatch(/^error: cannot fetch "ftp:\/\/example\.com\/x": unsupported protocol scheme\n/);
  });
  it('is not fetched over plain http from this machine because a remote server redirects there', async () => {
    const asked: string[] = [];
    const transport = {
      send: async (target: string) => {
        asked.push(target);
        const headers = { location: 'http://127.0.0.1:8080/cert.pem' };
        return { status: 302, statusText: 'Found', headers, body: new Uint8Array() };
      },
    };
    const given = 'https://certs.example.com/';
    const fetching = follow(new URL(given), given, { transport, acceptsHttp: false });
    await expect(fetching).rejects.toMatchObject({ code: 'ERR_USAGE' });
    expect(asked).toEqual([given]);
  });
  it('may come over plain http when it is pinned or the risk is accepted, then through the proxy of the environment', async () => {
    const proxy = await startProxy(Number(new URL(url).port));
    const env = { HTTP_PROXY: proxy.url };
    const argv = ['--fetch-cert', '--cert', 'http://certs.example.com/cert.pem'];
    expect(await runCli({ argv: [...argv, '--allow-http-cert'], env })).toMatchObject({
      code: 0,
      stdout: CERT,
    });
    expect(await runCli({ argv: [...argv, `--cert-fingerprint=${FINGERPRINT}`], env })).toMatchObject({
      code: 0,
      stdout: CERT,
    });
    expect(proxy.seen).toHaveLength(2);
    expect(proxy.seen[0]).toContain('certs.example.com');
    proxy.stop();
  });
});

describe('--fetch-cert with a pin', () => {
  const fetchPinned = (certificate: string) =>
    runCli({
      argv: ['--fetch-cert', '--cert', 'c', `--cert-fingerprint=${FINGERPRINT}`],
      files: { c: certificate },
    });
  it('prints the certificate that was checked and nothing that stands around it', async () => {
    expect(await fetchPinned(`x\n${CERT}${OTHER}y`)).toMatchObject({ code: 0, stdout: CERT });
    const argv = ['--fetch-cert', '--cert', `${url}/two.pem`, `--cert-fingerprint=${FINGERPRINT}`];
    expect(await runCli({ argv })).toMatchObject({ code: 0, stdout: CERT });
  });
  it('checks the certificate that Go and OpenSSL take for the first, not an indented one before it', async () => {
    const indented = CERT.replace(/^(?=.)/gm, '  ');
    expect(await fetchPinned(indented + OTHER)).toMatchObject({ code: 1, stdout: '' });
    const withHeader = CERT.replace('\n', '\nComment: x\n\n');
    expect(await fetchPinned(withHeader + OTHER)).toMatchObject({ code: 1, stdout: '' });
  });
  it('still warns that the certificate expires soon', async () => {
    const now = new Date((await notAfterOf(CERT)).getTime() - 24 * 3_600_000);
    const argv = ['--fetch-cert', '--cert', 'c', `--cert-fingerprint=${FINGERPRINT}`, '--warnings=always'];
    const { stderr } = await runCli({ argv, files: { c: CERT }, now });
    expect(stderr).toMatch(/^warning: the certificate expires on /);
  });
});

describe('the certificate', () => {
  const seal = (argv: readonly string[], now?: Date, env: Record<string, string> = {}) =>
    runCli({
      argv: ['--cert', 'c', ...argv],
      files: { c: CERT },
      stdin: SECRET,
      env,
      ...(now ? { now } : {}),
    });
  it('is accepted when it is the pinned one', async () => {
    expect(await seal([`--cert-fingerprint=${FINGERPRINT}`])).toMatchObject({ code: 0, stderr: '' });
    expect(await seal([], undefined, { SEALED_SECRETS_CERT_FINGERPRINT: 'SHA256:other' })).toMatchObject({
      code: 1,
      stdout: '',
    });
  });
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
  it.each<[string, Uint8Array]>([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${CERT}`)],
    ['UTF-16, as PowerShell writes it', utf16(CERT.replaceAll('\n', '\r\n'))],
    ['UTF-16 of the other byte order', utf16(CERT).swap16()],
    ['DER', Buffer.from(CERT.replace(/-----.*-----/g, ''), 'base64')],
  ])('is read in %s', async (_, c) => {
    const argv = ['--cert', 'c', `--cert-fingerprint=${FINGERPRINT}`];
    expect(await runCli({ argv, files: { c }, stdin: SECRET })).toMatchObject({ code: 0, stderr: '' });
  });
  it('causes a warning shortly before it expires, and is refused afterwards', async () => {
    const end = await notAfterOf(CERT);
    const before = await seal(['--warnings=always'], new Date(end.getTime() - 24 * 3_600_000));
    expect(before.code).toBe(0);
    expect(before.stderr).toMatch(
      /^warning: the certificate expires on [A-Z][a-z]+ \d{1,2}, \d{4}; fetch a newer one/,
    );
    const after = await seal([], new Date(end.getTime() + 1000));
    expect(after).toMatchObject({ code: 1, stdout: '' });
    expect(after.stderr).toMatch(
      /^error: failed to encrypt using an expired certificate on [A-Z][a-z]+ \d{1,2}, \d{4}\nhint: in c: fetch the current one/,
    );
  });
});

async function notAfterOf(pem: string): Promise<Date> {
  const { parseCertificate } = await import('@fuin/crypto-core/x509');
  return (await parseCertificate(pem)).notAfter;
}
