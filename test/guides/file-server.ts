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
