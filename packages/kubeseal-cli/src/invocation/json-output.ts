import type { CommandLine } from './command.ts';
import { usageError } from './usage-error.ts';

interface Given extends Pick<CommandLine, 'changed'> {
  readonly flags: { readonly json: boolean; readonly output: string };
}

/** Checks a command line with --json and -o, which both say how to report. @throws ERR_USAGE */
export function refuseTwoOutputs({ flags: { json, output }, changed }: Given): void {
  if (!json || !changed.has('output') || output === 'json') return;
  throw usageError(`--json and -o ${output} exclude each other`);
}
