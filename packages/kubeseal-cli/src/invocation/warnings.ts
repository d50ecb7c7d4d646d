import { visible } from '@fuin/crypto-core';
import type { Io } from '../io/io.ts';
import type { Flags } from './flags.ts';

/** Says one thing on stderr. @param message with its prefix, `warning: ` or `note: ` */
export type Warn = (message: string) => void;

/** Says notes and warnings on stderr, or keeps them to itself. */
export interface Warnings {
  /** False where nobody will read them: then nothing needs to be found out for their sake. */
  readonly warns: boolean;
  readonly warn: Warn;
}

/**
 * The one rule for notes and warnings of upstream's command lines, which print nothing where upstream prints nothing: programs
 * that call kubeseal take any text on stderr for a failure, or write it into the manifest with `2>&1`. So they need a
 * terminal, or somebody who asks for them.
 */
export function warningsOfFlags(flags: Pick<Flags, 'quiet' | 'warnings'>, io: Pick<Io, 'stderr'>): Warnings {
  return warningsTo(io, !flags.quiet && (flags.warnings === 'always' || io.stderr.isTty));
}

/** The rule for commands that upstream does not have: nobody's script expects silence of them. */
export function warningsOfCommand({ quiet }: Pick<Flags, 'quiet'>, io: Pick<Io, 'stderr'>): Warnings {
  return warningsTo(io, !quiet);
}

function warningsTo({ stderr }: Pick<Io, 'stderr'>, warns: boolean): Warnings {
  return { warns, warn: (message) => (warns ? stderr.write(`${visible(message)}\n`) : undefined) };
}
