import { getAsset, getAssetKeys, getRawAsset } from 'node:sea';
import { cacheOf, compileChunk, MAIN, requireFrom } from './loader.ts';

/** The script that an executable starts with. Chunks are assets of it, and so are their code caches. */
const keys = new Set(getAssetKeys());
const requireChunk = requireFrom((name) => {
  const cache = cacheOf(name);
  const cachedData = keys.has(cache) ? new Uint8Array(getRawAsset(cache)) : undefined;
  return compileChunk(name, getAsset(name, 'utf8'), cachedData);
});
requireChunk(`./${MAIN}`);
