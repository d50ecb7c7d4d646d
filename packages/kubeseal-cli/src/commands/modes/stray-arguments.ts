import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { isNoSecretsFound } from '@fuin/manifests';
import { firstWords } from '../../invocation/find-command.ts';
import { FLAGS } from '../../invocation/flags/flags.ts';
import type { Mode } from '../../invocation/mode.ts';
import type { Io } from '../../io/io.ts';
import { COMMANDS } from '../table.ts';

/** What positional arguments may have been meant for. They are ignored, like upstream does. */
export function argumentsHint(
  [first = '']: readonly string[],
  mode: Mode,
  { programName: program, cwd }: Pick<Io, 'programName' | 'cwd'>,
): string {
  // it may be the value itself, which is not to be repeated
  if (mode === 'raw') return `a value comes from stdin or --from-file: printf %s VALUE | ${program} --raw`;
  if (Object.hasOwn(COMMANDS, first)) return `a command comes first: ${program} ${first}`;
  if (Object.hasOwn(FLAGS, first)) return `did you mean --${first}?`;
  if (existsSync(resolve(cwd, first))) return `${program} reads files with flags; did you mean -f ${first}?`;
  return `an argument is neither a file nor a command; the commands are ${firstWords(COMMANDS).join(', ')}`;
}

/** Adds that hint to an error that ignored arguments explain. */
export function explainArguments(error: unknown, hintOfArguments: string): unknown {
  if (!(error instanceof SealedSecretsError) || !isNoSecretsFound(error)) return error;
  const hint = [error.hint, hintOfArguments].filter((line) => line !== undefined).join('\n');
  return error.withHint(hint);
}
