import type { OpenKubeconfig } from '@fuin/kube/access';
import type { Io } from '../io/io.ts';
import type { CommandLine, CommandWorld } from './command.ts';
import type { CLUSTER_FLAGS, Flags, TRUST_FLAGS } from './flags/flags.ts';
import { certificateOptions, controllerOptions, type Options } from './options.ts';
import {
  type FormatGiven,
  type FormatSetting,
  type SealingFormat,
  sealingFormatOf,
} from './sealing-format.ts';
import type { Warnings } from './warnings.ts';

/**
 * One run of upstream's command line: what was asked, the world it runs in, and what it may say on stderr.
 * Only commands see it whole; they pass on what a function needs.
 */
export interface Invocation extends Options, Warnings {
  readonly io: Io;
  readonly format: SealingFormat;
  /** The kubeconfig of this run. Its files are opened when something is asked for, and once. */
  readonly kubeconfig: Kubeconfig;
}

/** What opening the certificate or the recipients to seal with needs. */
export type Sealing = Pick<
  Invocation,
  'certificate' | 'format' | 'controller' | 'kubeconfig' | 'io' | 'warn'
>;

/** What commands ask a kubeconfig for. */
export type Kubeconfig = Pick<OpenKubeconfig, 'access' | 'namespace'>;

/**
 * The kubeconfig that flags and environment choose. The reader of kubeconfigs is loaded when it is needed.
 */
export function kubeconfigOf(
  flags: Pick<Flags, keyof typeof CLUSTER_FLAGS>,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
): Kubeconfig {
  let opening: Promise<OpenKubeconfig> | undefined;
  const open = () => {
    opening ??= import('@fuin/kube/access').then(({ openKubeconfig }) => openKubeconfig({ flags, env, cwd }));
    return opening;
  };
  return {
    access: async () => (await open()).access(),
    namespace: async () => (await open()).namespace(),
  };
}

/** What a command seals with. @throws ERR_USAGE like sealingFormatOf */
export function sealingOf(
  given: Pick<CommandLine<typeof TRUST_FLAGS>, 'flags' | 'changed'> & FormatGiven,
  world: Pick<CommandWorld, 'io' | 'warn'>,
  setting?: FormatSetting,
): Sealing {
  return { ...connectionOf(given, world), format: sealingFormatOf(given, world.io, setting) };
}

/** Which certificate, controller and kubeconfig flags choose. */
export function connectionOf(
  { flags, changed }: Pick<CommandLine<typeof TRUST_FLAGS>, 'flags' | 'changed'>,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
): Omit<Sealing, 'format'> {
  return {
    io,
    warn,
    certificate: certificateOptions(flags, changed, io.env),
    controller: controllerOptions(flags, changed),
    kubeconfig: kubeconfigOf(flags, io),
  };
}
