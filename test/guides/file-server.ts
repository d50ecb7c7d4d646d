import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** Serves the files of a directory over HTTP for as long as `use` runs. */
export async function serveFiles<T>(directory: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(async (request, response) => {
    const file = await readFile(join(directory, basename(request.url ?? ''))).catch(() => undefined);
    response.writeHead(file ? 200 : 404).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
