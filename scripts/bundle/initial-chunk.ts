import { join } from 'node:path';
import type { ChunkingContext } from 'rolldown';

const root = join(import.meta.dirname, '../..');

/** Names the chunk of every module that the entries reach without a dynamic import. */
export function initialChunkOf(
  entries: readonly string[],
): (id: string, context: ChunkingContext) => string | null {
  const reached = new Set<string>();
  const reach = (id: string, context: ChunkingContext): void => {
    if (reached.has(id)) return;
    reached.add(id);
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) reach(imported, context);
  };
  return function initialChunk(id, context) {
    for (const entry of entries) reach(join(root, entry), context);
    return reached.has(id) ? 'initial' : null;
  };
}
