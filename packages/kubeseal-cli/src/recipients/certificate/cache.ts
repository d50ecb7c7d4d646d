import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ClusterAccess } from '@fuin/kube/access';
import type { Io } from '../../io/io.ts';
import { atomicWrite } from '../../output/atomic-write.ts';

/** What a controller answered earlier: a certificate, or recipients of format v2. */
export interface CachedAnswer {
  readonly body: Uint8Array;
  readonly fetchedAt: Date;
}

/** The cached answer of one controller of one cluster. */
export interface AnswerCache {
  /** For If-None-Match; undefined when nothing usable is cached. */
  readonly etag: string | undefined;
  /** Undefined when there is none or it is older than --cert-cache-ttl. */
  read(): Promise<CachedAnswer | undefined>;
  /** A failure to write the cache is ignored. */
  write(body: string, etag: string | undefined): Promise<void>;
}

interface Entry {
  readonly fetchedAt: string;
  readonly etag?: string;
  readonly body: string;
}

/** What is cached of whom: of a controller's Service in the cluster of a context. */
export interface CacheKey {
  readonly what: 'certificate' | `recipients ${string}`;
  readonly access: ClusterAccess;
  readonly controller: { readonly namespace: string; readonly name: string };
}

/**
 * Opens the cache file in $XDG_CACHE_HOME/kubeseal (or ~/.cache/kubeseal) that belongs to context, server,
 * its CA and controller.
 */
export async function openCache(
  key: CacheKey,
  ttlMs: number,
  { env, now }: Pick<Io, 'env' | 'now'>,
): Promise<AnswerCache> {
  const path = cachePath(key, env);
  const entry = ttlMs > 0 ? readEntry(path) : undefined;
  const isFresh = entry !== undefined && now().getTime() - Date.parse(entry.fetchedAt) < ttlMs;
  return {
    etag: isFresh ? entry.etag : undefined,
    read: async () =>
      isFresh ? { body: Buffer.from(entry.body), fetchedAt: new Date(entry.fetchedAt) } : undefined,
    write: async (body, etag) => {
      if (ttlMs <= 0) return;
      const next: Entry = { fetchedAt: now().toISOString(), ...(etag ? { etag } : {}), body };
      await writeEntry(path, next).catch(() => undefined); // a read-only home must not stop sealing
    },
  };
}

function cachePath({ what, access, controller }: CacheKey, env: Io['env']): string {
  const { contextName, cluster } = access;
  // clusters behind 127.0.0.1 differ by nothing else
  const authority = [cluster['certificate-authority-data'], cluster['certificate-authority']];
  const identity = [
    what,
    contextName,
    cluster['server'],
    ...authority,
    controller.namespace,
    controller.name,
  ];
  const { createHash } = process.getBuiltinModule('node:crypto'); // not an import: few runs need it
  const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
  return join(cacheDirectory(env), `${name}.json`);
}

function cacheDirectory(env: Io['env']): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] ?? homedir(), '.cache'), 'kubeseal');
}

/** Whether a certificate of any controller may be cached; without one, no kubeconfig needs to be read. */
export function isAnyCached(env: Io['env']): boolean {
  return existsSync(cacheDirectory(env));
}

function readEntry(path: string): Entry | undefined {
  try {
    const entry = JSON.parse(readFileSync(path, 'utf8')) as Partial<Entry>;
    const isUsable = typeof entry.body === 'string' && typeof entry.fetchedAt === 'string';
    return isUsable ? (entry as Entry) : undefined;
  } catch {
    return undefined; // absent or damaged: as if nothing was cached
  }
}

async function writeEntry(path: string, entry: Entry): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await atomicWrite(dirname(path), path, JSON.stringify(entry));
}
