import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { serveFolder } from '../support/folder-server.ts';

/** Serves the files of a directory over HTTP for as long as `use` runs. */
export async function serveFiles<T>(directory: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = await serveFolder(directory);
  try {
    return await use(server.url.replace(/\/$/, ''));
  } finally {
    server.close();
  }
}

/** A server with HTTPS, and the file of the certificate that a client has to trust. */
export interface SecureServer {
  readonly url: string;
  readonly certificate: string;
  close(): void;
}

/** Serves the files of a directory over HTTPS. */
export async function serveSecurely(directory: string): Promise<SecureServer> {
  const own = mkdtempSync(join(tmpdir(), 'fuin-https-'));
  const [key, certificate] = [join(own, 'key.pem'), join(own, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
  execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const options = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createServer(options, async ({ url = '/' }, response) => {
    const body = await readFile(join(directory, basename(url))).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const close = () => {
    server.close();
    server.closeAllConnections();
    rmSync(own, { recursive: true, force: true });
  };
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, certificate, close };
}
