import type { Flags } from '../invocation/flags.ts';
import { type Invocation, usageError } from '../invocation/invocation.ts';
import { seal } from './seal.ts';

/** What one run does; each has a file of its own beside this one. */
export type Mode =
  | 'recovery-unseal'
  | 'validate'
  | 're-encrypt'
  | 'fetch-cert'
  | 'merge-into'
  | 'raw'
  | 'seal';

/** In upstream's order of precedence: the first that is asked for happens, the others are ignored. */
const PRECEDENCE: readonly Exclude<Mode, 'seal'>[] = [
  'recovery-unseal',
  'validate',
  're-encrypt',
  'fetch-cert',
  'merge-into',
  'raw',
];

/**
 * Decides what to do. Flags of several modes are no error for upstream, so they are none here, but worth a warning.
 *
 * @throws ERR_USAGE `--from-file requires --raw`
 */
export function chooseMode({ flags, warn }: Pick<Invocation, 'flags' | 'warn'>): Mode {
  if (flags['from-file'].length > 0 && !flags.raw) throw usageError('--from-file requires --raw');
  const [mode = 'seal', ...ignored] = PRECEDENCE.filter((candidate) => isAsked(flags, candidate));
  if (ignored.length > 0)
    warn(`warning: ignoring ${ignored.map((name) => `--${name}`).join(', ')} because of --${mode}`);
  return mode;
}

/** These read SealedSecrets, of which a shell's `*.yaml` names many. */
const MODES_WITH_ARGUMENTS: readonly Mode[] = ['validate', 're-encrypt', 'recovery-unseal'];

/** Whether arguments are files to read; elsewhere upstream ignores them, and so does this program. */
export function takesArguments(mode: Mode): boolean {
  return MODES_WITH_ARGUMENTS.includes(mode);
}

/** Runs the mode. @throws SealedSecretsError with hints that fit the mode */
export async function runMode(mode: Mode, invocation: Invocation): Promise<void> {
  try {
    await start(mode, invocation);
  } catch (error) {
    throw (await import('./explain.ts')).explainFailure(error, mode);
  }
}

/** The common one is at hand, so that a bundle has it in one file; the others are loaded when they are needed. */
async function start(mode: Mode, invocation: Invocation): Promise<void> {
  switch (mode) {
    case 'recovery-unseal':
      return (await import('./recovery-unseal.ts')).recoveryUnseal(invocation);
    case 'validate':
      return (await import('./validate.ts')).validate(invocation);
    case 're-encrypt':
      return (await import('./re-encrypt.ts')).reEncrypt(invocation);
    case 'fetch-cert':
      return (await import('./fetch-cert.ts')).fetchCert(invocation);
    case 'merge-into':
      return (await import('./merge-into.ts')).mergeInto(invocation);
    case 'raw':
      return (await import('./raw.ts')).sealRaw(invocation);
    case 'seal':
      return seal(invocation);
  }
}

function isAsked(flags: Flags, mode: Exclude<Mode, 'seal'>): boolean {
  return flags[mode] !== '' && flags[mode] !== false;
}
