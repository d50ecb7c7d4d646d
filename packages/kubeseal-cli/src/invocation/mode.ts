import type { Flags } from './flags/flags.ts';
import { usageError } from './usage-error.ts';
import type { Warn } from './warnings.ts';

/** What a run of upstream's command line does. */
export type Mode =
  | 'recovery-unseal'
  | 'validate'
  | 're-encrypt'
  | 'fetch-cert'
  | 'merge-into'
  | 'raw'
  | 'seal';

/** In upstream's order of precedence: the first mode that is requested runs, the others are ignored. */
const PRECEDENCE: readonly Exclude<Mode, 'seal'>[] = [
  'recovery-unseal',
  'validate',
  're-encrypt',
  'fetch-cert',
  'merge-into',
  'raw',
];

/**
 * Decides what to do. Flags of several modes cause a warning. They are not an error, like in upstream.
 *
 * @throws ERR_USAGE `--from-file requires --raw`
 */
export function chooseMode(flags: Flags, warn: Warn): Mode {
  if (flags['from-file'].length > 0 && !flags.raw) throw usageError('--from-file requires --raw');
  const [mode = 'seal', ...ignored] = PRECEDENCE.filter((candidate) => isAsked(flags, candidate));
  if (ignored.length > 0)
    warn(`warning: ignoring ${ignored.map((name) => `--${name}`).join(', ')} because of --${mode}`);
  return mode;
}

/** Modes whose result is signed with --sign. */
const SIGNED: readonly Mode[] = ['seal', 'merge-into', 're-encrypt'];

/**
 * A variable applies to every run, and the modes that sign nothing may ignore it.
 *
 * @throws ERR_USAGE if the command line itself asks for a signature where none is made
 */
export function refuseSigning(mode: Mode, isTyped: boolean): void {
  if (isTyped && !SIGNED.includes(mode))
    throw usageError('--sign signs SealedSecrets, and none is made here', `leave it out with --${mode}`);
}

/** Modes that read the files given as arguments: a shell's `*.yaml` names many SealedSecrets. */
export const MODES_WITH_ARGUMENTS: readonly Mode[] = ['validate', 're-encrypt', 'recovery-unseal'];

/** Whether arguments are files to read. Other modes ignore arguments, like upstream. */
export function takesArguments(mode: Mode): boolean {
  return MODES_WITH_ARGUMENTS.includes(mode);
}

function isAsked(flags: Flags, mode: Exclude<Mode, 'seal'>): boolean {
  return flags[mode] !== '' && flags[mode] !== false;
}
