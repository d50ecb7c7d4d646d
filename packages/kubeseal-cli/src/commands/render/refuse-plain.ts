import { SealedSecretsError } from '@fuin/crypto-core';
import { readManifests } from '@fuin/manifests';
import { decode, documentsOf } from '../../inspect/lint/read.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { readCommandLine } from '../../invocation/command-line.ts';
import { commandOf } from '../../invocation/find-command.ts';

/**
 * Runs `kubeseal check` on what would be printed. Variables of the environment do not change what counts. A
 * document that cannot be read is refused: of such a file, `check` only tells what it looks like.
 *
 * @param hint what to do
 * @throws ERR_FINDINGS, ERR_MANIFEST_INVALID
 */
export async function refusePlain(rendered: Uint8Array, hint: string, world: CommandWorld): Promise<void> {
  await refuseUnreadable(rendered);
  const stdin = { isTty: false, read: async () => rendered };
  const { programName } = world.io;
  const given = await readCommandLine('check', world.commands, ['-'], { env: {}, programName });
  const check = commandOf('check', world.commands);
  await check.run(given, { ...world, io: { ...world.io, stdin } }).catch((error: unknown) => {
    throw error instanceof SealedSecretsError && error.code === 'ERR_FINDINGS' ? error.withHint(hint) : error;
  });
}

/** @throws ERR_MANIFEST_INVALID with the place */
async function refuseUnreadable(rendered: Uint8Array): Promise<void> {
  if (await documentsOf(decode(rendered), 'stdin')) return;
  await readManifests(rendered, 'stdin', 'any');
  throw new SealedSecretsError('ERR_MANIFEST_INVALID', 'stdin is neither valid YAML nor JSON');
}
