import { SealedSecretsError } from '@fuin/crypto-core';
import type { CommandWorld } from '../../invocation/command.ts';
import { readCommandLine } from '../../invocation/command-line.ts';
import { commandOf } from '../../invocation/find-command.ts';

/**
 * Runs `kubeseal check` on what would be printed. Variables of the environment do not change what counts.
 *
 * @param hint what to do
 * @throws ERR_FINDINGS
 */
export async function refusePlain(rendered: Uint8Array, hint: string, world: CommandWorld): Promise<void> {
  const stdin = { isTty: false, read: async () => rendered };
  const { programName } = world.io;
  const given = await readCommandLine('check', world.commands, ['-'], { env: {}, programName });
  const check = commandOf('check', world.commands);
  await check.run(given, { ...world, io: { ...world.io, stdin } }).catch((error: unknown) => {
    throw error instanceof SealedSecretsError && error.code === 'ERR_FINDINGS' ? error.withHint(hint) : error;
  });
}
