import { SealedSecretsError } from '@fuin/crypto-core';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { VERIFY_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { readInput } from '../../io/files.ts';
import { readBackup } from '../../keys/backup-file.ts';
import { keysByMetadata } from '../../keys/inventory.ts';
import { proofOf } from '../../keys/kept-elsewhere.ts';
import { metadataOf, REFUSED, soundKeyOf } from '../../keys/key-secret.ts';
import { type KeyChange, keyChangesAsJson } from '../../keys/report.ts';
import { readFirst } from '../../recipients/certificate/certificate.ts';
import { withKeyCluster } from './cluster.ts';

type Given = CommandLine<typeof VERIFY_FLAGS>;

/**
 * `kubeseal keys verify FILE`: proves that each key of a backup opens what is sealed for its certificate, and
 * that no key is missing which the cluster, or a certificate, has.
 *
 * @throws ERR_KEY_INVALID for a key that is damaged; ERR_FINDINGS for one that is missing
 */
export async function verifyBackup(given: Given, world: CommandWorld): Promise<void> {
  const { flags } = given;
  const { io, warn } = world;
  const [file = ''] = given.arguments;
  const keys: KeyChange[] = [];
  const failures: Failure[] = [];
  const said: string[] = [];
  for (const secret of await readBackup(file, flags.identity, io.cwd)) {
    const { name } = metadataOf(secret);
    const sound = await failureOf(name, () => soundKeyOf(secret));
    if (isFailure(sound)) failures.push(sound);
    else {
      const { id: fingerprint } = sound.keyPair;
      keys.push({ name, fingerprint, change: 'verified' });
      said.push(`${fingerprint} of ${name} ${proofOf(secret)}`);
    }
  }
  const held = new Set(keys.map(({ fingerprint }) => fingerprint));
  const missing = (await wantedKeys(given, world)).filter(({ fingerprint }) => !held.has(fingerprint));
  if (flags.json) await io.stdout.write(keyChangesAsJson([...keys, ...missing], failures, false));
  for (const each of said) warn(`note: ${each}`);
  throwFailures(failures);
  if (missing.length > 0)
    throw new SealedSecretsError(
      'ERR_FINDINGS',
      missing
        .map(({ name, fingerprint }) => `${file} lacks the key ${fingerprint} of ${name}`)
        .join('\nerror: '),
      { hint: 'write a new backup with kubeseal keys backup' },
    );
}

/** The keys that must be in the backup. */
async function wantedKeys(given: Given, world: CommandWorld): Promise<KeyChange[]> {
  const { cert, 'compare-cluster': comparesCluster } = given.flags;
  const wanted: KeyChange[] = [];
  if (cert !== '') {
    const { recipient } = await readFirst(await readInput(world.io.cwd, cert, 'cert'), cert);
    wanted.push({ name: cert, fingerprint: recipient.id, change: 'missing' });
  }
  if (!comparesCluster) return wanted;
  const keys = await withKeyCluster(given, world, ({ store }) => keysByMetadata(store, world.warn));
  const usable = keys.filter(({ fingerprint, status }) => fingerprint !== '' && status !== REFUSED);
  return [
    ...wanted,
    ...usable.map(({ name, fingerprint }) => ({ name, fingerprint, change: 'missing' as const })),
  ];
}
