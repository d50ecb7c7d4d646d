import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { OutputChunk } from 'rolldown';

/** Bytes to transfer, as they are and as servers compress them. */
export interface Sizes {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

/**
 * The size of entries and all that they import, each file compressed by itself as it is served. Chunks that
 * load lazily count on request.
 */
export function sizesOf(
  chunks: readonly OutputChunk[],
  entries: readonly string[],
  isLazyToo: boolean,
): Sizes {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const reached = new Set<OutputChunk>();
  const reach = (fileName: string): void => {
    const chunk = byName.get(fileName);
    if (!chunk || reached.has(chunk)) return;
    reached.add(chunk);
    for (const next of [...chunk.imports, ...(isLazyToo ? chunk.dynamicImports : [])]) reach(next);
  };
  for (const entry of entries) reach(entry);
  const sum = (size: (bytes: Buffer) => number) =>
    [...reached].reduce((total, { code }) => total + size(Buffer.from(code)), 0);
  return {
    raw: sum((bytes) => bytes.length),
    gzip: sum((bytes) => gzipSync(bytes, { level: 9 }).length),
    brotli: sum((bytes) => brotliCompressSync(bytes).length),
  };
}

/** One line of a build's report. */
export function describeSizes(title: string, { raw, gzip, brotli }: Sizes): string {
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  return `${title}: ${kib(raw)}, gzip ${kib(gzip)}, brotli ${kib(brotli)}`;
}
