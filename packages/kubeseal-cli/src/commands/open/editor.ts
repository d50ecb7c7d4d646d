import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { CommandWorld } from '../../invocation/command.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { runProgram } from '../../io/child-program.ts';
import { type PrivateDirectory, withPrivateDirectory, writePrivately } from '../../io/private-directory.ts';
import { type Signals, withSignals } from '../../io/signals.ts';
import { withComplaint } from './edit-buffer.ts';

type World = Pick<CommandWorld, 'io' | 'warn'>;

/**
 * The command that edits a file: $VISUAL, else $EDITOR, which may have arguments.
 *
 * @throws ERR_USAGE where there is none and no terminal for vi
 */
export function editorOf({ env, stdin }: World['io']): string {
  const editor = env['VISUAL'] || env['EDITOR'];
  if (editor) return editor;
  if (!stdin.isTty) throw usageError('there is no editor', 'set VISUAL or EDITOR');
  return process.platform === 'win32' ? 'notepad' : 'vi';
}

/**
 * Lets a person edit a string in a private file. What cannot be read is shown again with the complaint on a
 * terminal, until it is left as it is.
 *
 * @param read what the string stands for. @throws ERR_MANIFEST_INVALID
 * @returns undefined where it was not changed
 * @throws ERR_USAGE when the editor fails or a signal arrives; the errors of `read`
 */
export async function editText<T>(
  text: string,
  editor: string,
  world: World,
  read: (text: string) => T,
): Promise<T | undefined> {
  return withSignals((signals) =>
    withPrivateDirectory(world.io.env, async (directory) => {
      if (!directory.isInMemory)
        world.warn('warning: there is no file system in memory here: the values are on a disk meanwhile');
      const path = join(directory.path, 'items.yaml');
      writePrivately(path, Buffer.from(text));
      const run = () => runEditor(editor, path, directory, { world, signals });
      return untilRead(path, run, read, world.io.stdin.isTty);
    }),
  );
}

/** Runs the editor until what it leaves can be read; without a terminal it gets one attempt. */
async function untilRead<T>(
  path: string,
  run: () => Promise<void>,
  read: (text: string) => T,
  isPatient: boolean,
): Promise<T | undefined> {
  let complaint: SealedSecretsError | undefined;
  for (;;) {
    const before = readFileSync(path, 'utf8');
    await run();
    const after = textIn(path);
    if (after === before && complaint) throw complaint;
    if (after === before) return undefined;
    const result = attempt(() => read(after));
    if ('value' in result) return result.value;
    complaint = result.error;
    if (!isPatient) throw complaint;
    writeFileSync(path, withComplaint(after, complaint.message), { mode: 0o600 });
  }
}

/** @throws ERR_USAGE where the editor has removed the file */
function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw usageError('the editor removed its file; nothing was changed');
  }
}

/** @throws what is none of our errors: a bug */
function attempt<T>(act: () => T): { readonly value: T } | { readonly error: SealedSecretsError } {
  try {
    return { value: act() };
  } catch (error) {
    if (error instanceof SealedSecretsError) return { error };
    throw error;
  }
}

/** A command without variables and operators, which a shell can become instead of waiting for it. */
const PLAIN_COMMAND = /^[^=;&|<>$`()]+$/;

/**
 * Like Git, a shell takes the editor's arguments apart. Its temporary files go into the private directory.
 */
async function runEditor(
  editor: string,
  path: string,
  directory: PrivateDirectory,
  { world: { io }, signals }: { readonly world: World; readonly signals: Signals },
): Promise<void> {
  const run = PLAIN_COMMAND.test(editor) ? `exec ${editor}` : editor; // signals must reach the editor
  const program =
    process.platform === 'win32' ? [...editor.split(' '), path] : ['sh', '-c', `${run} "$@"`, 'sh', path];
  const code = await runProgram({ program, env: { ...io.env, TMPDIR: directory.path } }, io, signals);
  if (signals.received) throw usageError(`ended by ${signals.received}; nothing was changed`);
  if (code !== 0) throw usageError(`the editor ended with exit code ${code}; nothing was changed`);
}
