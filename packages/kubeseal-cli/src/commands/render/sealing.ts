import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { KRM_FUNCTION_FLAGS } from '../../invocation/flags/command-flags.ts';
import { sealerOf } from '../access/sealer.ts';
import type { RenderedSealing } from './seal-rendered.ts';

/** Opens what rendered Secrets are sealed with. @throws the errors of openSealingKey */
export type OpenSealing = () => Promise<RenderedSealing>;

type Given = Pick<CommandLine<typeof KRM_FUNCTION_FLAGS>, 'flags' | 'changed'>;

/**
 * Opens the certificate with the first Secret: where there is none, none is needed.
 *
 * @param namespace of Secrets that name none
 */
export function sealingOnce(given: Given, namespace: string, world: CommandWorld): OpenSealing {
  const { flags } = given;
  let opening: Promise<RenderedSealing> | undefined;
  const open = async (): Promise<RenderedSealing> => {
    const sealer = sealerOf(given, world);
    return {
      recipient: await sealer.recipientFor(''),
      terms: await sealer.formatFor(''),
      scope: flags.scope,
      namespace,
    };
  };
  return () => {
    opening ??= open();
    return opening;
  };
}
