import { visible } from '@fuin/crypto-core';
import type { Io } from '../io/io.ts';
import type { Flags } from './flags/flags.ts';

/** Prints a note or a warning on stderr. @param message with its prefix, `warning: ` or `note: ` */
export type Warn = (message: string) => void;

/** Prints notes and warnings on stderr, or suppresses them. */
export interface Warnings {
  /** False if nobody reads them. Then the work for finding them can be skipped. */
  readonly warns: boolean;
  readonly warn: Warn;
}

/**
 * The rule for notes and warnings of upstream's command lines: they are printed only on a terminal, or on
 * request. Programs that run kubeseal treat any text on stderr as a failure, or write it into the manifest
 * with `2>&1`.
 */
export function warningsOfFlags(flags: Pick<Flags, 'quiet' | 'warnings'>, io: Pick<Io, 'stderr'>): Warnings {
  return warningsTo(io, !flags.quiet && (flags.warnings === 'always' || io.stderr.isTty));
}

/** The rule for commands that upstream does not have: no script expects them to be silent. */
export function warningsOfCommand({ quiet }: Pick<Flags, 'quiet'>, io: Pick<Io, 'stderr'>): Warnings {
  return warningsTo(io, !quiet);
}

function warningsTo({ stderr }: Pick<Io, 'stderr'>, warns: boolean): Warnings {
  return { warns, warn: (message) => (warns ? stderr.write(`${visible(message)}\n`) : undefined) };
}
