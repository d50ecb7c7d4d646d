import { KeyRing } from '@fuin/crypto-core';
import { readRecoveryKeyFiles } from '../../input/recovery-keys.ts';
import { throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { LIST_FLAGS } from '../../invocation/flags/keys-flags.ts';
import {
  type KnownKey,
  keysByMetadata,
  keysOfBackup,
  keysWithSecrets,
  newestKeys,
} from '../../keys/inventory.ts';
import { keysAsJson, keyTable, type ListedKey } from '../../keys/list-format.ts';
import { type Needs, needsByStatus, needsOfTree } from '../../keys/needs.ts';
import { withKeyCluster } from './cluster.ts';

type Given = CommandLine<typeof LIST_FLAGS>;

interface Inventory {
  readonly keys: readonly KnownKey[];
  /** Undefined where no cluster was asked. */
  readonly cluster: Needs | undefined;
}

/**
 * `kubeseal keys list`: the keys of the cluster or of a backup, and how many SealedSecrets need each.
 *
 * @throws ERR_USAGE, ERR_KEY_INVALID, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function listKeys(given: Given, world: CommandWorld): Promise<void> {
  const { flags } = given;
  const { io, warn } = world;
  const files = flags['recovery-private-key'];
  const { keys, cluster } =
    files.length > 0
      ? { keys: await keysOfBackup(await readRecoveryKeyFiles(io.cwd, files)), cluster: undefined }
      : await inventoryOf(given, world);
  const ring = KeyRing.of(...keys.flatMap(({ keyPair }) => keyPair ?? []));
  const tree = flags.tree.length > 0 ? await needsOfTree(flags.tree, ring, io) : undefined;
  const newest = newestKeys(keys, io.now());
  const rows = keys.map((key) => rowOf(key, { cluster, tree, newest }));
  const unknown = { cluster: cluster?.unknown.length, tree: tree?.unknown.length };
  if (flags.json || flags.output === 'json') await io.stdout.write(keysAsJson(rows, unknown));
  else {
    await io.stdout.write(keyTable(rows, flags.output === 'wide'));
    if (keys.length === 0) warn('note: there is no key');
    if (unknown.cluster)
      warn(
        `note: ${unknown.cluster} SealedSecrets of the cluster do not say in their status which key opened them`,
      );
    if (unknown.tree)
      warn(`note: ${unknown.tree} SealedSecrets of the tree have an item that none of the keys opens`);
  }
  throwFailures(tree?.failures ?? []);
}

/** With a tree, private keys are read, because only a trial tells which key a sealed value needs. */
function inventoryOf(given: Given, world: CommandWorld): Promise<Inventory> {
  const { warn } = world;
  return withKeyCluster(given, world, async ({ store }) => {
    const keys =
      given.flags.tree.length > 0
        ? await keysWithSecrets(await store.listSecrets(), warn)
        : await keysByMetadata(store, warn);
    return { keys, cluster: await needsByStatus(store) };
  });
}

interface Context {
  readonly cluster: Needs | undefined;
  readonly tree: Needs | undefined;
  /** One of each format. */
  readonly newest: readonly KnownKey[];
}

function rowOf(key: KnownKey, { cluster, tree, newest }: Context): ListedKey {
  const count = (needs: Needs | undefined) => needs && (needs.byKey.get(key.fingerprint)?.length ?? 0);
  return {
    ...key,
    isNewest: newest.some(
      ({ fingerprint, status }) => key.fingerprint === fingerprint && key.status === status,
    ),
    neededInCluster: count(cluster),
    neededInTree: count(tree),
  };
}
