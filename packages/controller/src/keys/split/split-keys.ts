import type { DecapsulationListener, SplitKeys } from './split-key.ts';

/**
 * Opens the keys of key services by their names, of which the first splits new sealing keys. Loads the code
 * for them; a controller without split keys loads none of it. Asks no service yet.
 *
 * @throws ERR_USAGE
 */
export async function openSplitKeys(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<SplitKeys | undefined> {
  if (names.length === 0) return undefined;
  const { BOUNDS, bounded, openDecapsulator } = await import('@fuin/cloud/split');
  const opened = await Promise.all(names.map((name) => openDecapsulator(name, { env })));
  const { splitKeysOf } = await import('./split-pairs.ts');
  const listeners: DecapsulationListener[] = [];
  const onEnd: DecapsulationListener = (...how) => {
    for (const listener of listeners) listener(...how);
  };
  const keys = splitKeysOf(opened.map((each) => bounded(each, { ...BOUNDS, onEnd })));
  return keys && { ...keys, onDecapsulation: (listener) => void listeners.push(listener) };
}
