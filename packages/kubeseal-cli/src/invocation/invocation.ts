import { SealedSecretsError } from '@fuin/crypto-core';
import type { ClusterAccess } from '@fuin/kube/access';
import { readInput } from '../io/files.ts';
import type { Io } from '../io/io.ts';
import type { Flags } from './flags.ts';
import type { Warnings } from './warnings.ts';

/** One run of the program: what was asked, the world it runs in, and what it may say on stderr. */
export interface Invocation extends Warnings {
  readonly flags: Flags;
  /** Flags that the command line or the environment set. */
  readonly changed: ReadonlySet<string>;
  readonly io: Io;
  /** What to read, in order: files, or `-` for stdin. */
  readonly inputs: readonly string[];
}

const STDIN = '-';

/** Whether a name means stdin or stdout, as for kubectl. */
export function isStream(name: string): boolean {
  return name === STDIN;
}

/** Input bytes and how messages call them. */
export interface Input {
  readonly bytes: Uint8Array;
  readonly where: string;
}

/** Reads the input of a mode that has one: the file of -f, else stdin. */
export async function readWholeInput({ inputs: [name = STDIN], io }: Invocation): Promise<Input> {
  return readNamed(name, io);
}

/** Reads every input of a mode that takes many. */
export async function readAllInputs({ inputs, io }: Invocation): Promise<Input[]> {
  const read: Input[] = [];
  for (const name of inputs.length > 0 ? inputs : [STDIN]) read.push(await readNamed(name, io));
  return read;
}

async function readNamed(name: string, io: Io): Promise<Input> {
  if (isStream(name)) return { bytes: await io.stdin.read(), where: 'stdin' };
  return { bytes: await readInput(io.cwd, name), where: name };
}

/** Where and as whom to talk to the cluster. @throws ERR_USAGE in client-go's words */
export async function clusterAccess({ flags, io }: Invocation): Promise<ClusterAccess> {
  const { resolveAccess } = await import('@fuin/kube/access');
  return resolveAccess({ flags, env: io.env, cwd: io.cwd });
}

/** The namespace where an object names none: of -n, else of the context. @throws ERR_USAGE in client-go's words */
export async function contextNamespace({ flags, io }: Invocation): Promise<string> {
  const { resolveNamespace } = await import('@fuin/kube/access');
  return resolveNamespace({ flags, env: io.env, cwd: io.cwd });
}

/** Whether a flag was set for this very run, and not by a variable that is there for every run. */
export function isTyped({ flags, changed, io }: Invocation, flag: keyof Flags): boolean {
  const variable = io.env[`SEALED_SECRETS_${flag.toUpperCase().replaceAll('-', '_')}`];
  return changed.has(flag) && flags[flag] !== variable;
}

/** An error of how the program was called. */
export function usageError(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
}
