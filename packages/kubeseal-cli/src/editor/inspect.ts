import { keysOfSettings } from '../commands/check/current-keys.ts';
import { sealedObjectsIn } from '../input/sealed-objects.ts';
import { isFailure } from '../input/tree/failures.ts';
import { inspectObject, type ObjectReport, withDuplicates } from '../inspect/inspect-object.ts';
import { tableOf } from '../inspect/report/inspection.ts';
import { knownKeysOf } from '../inspect/sealing-key.ts';
import { type EditorText, type EditorWorld, NO_FLAGS, whereOf } from './world.ts';

/**
 * The report of `kubeseal inspect -o wide` on a text: scope, size and sealing key of each item, then notes
 * and what cannot be read. No value is part of it.
 *
 * @throws ERR_USAGE for settings that cannot be read
 */
export async function inspectText(source: EditorText, world: EditorWorld): Promise<string> {
  const { folder, now } = world;
  const notes: string[] = [];
  const warn = (message: string) => void notes.push(message);
  const where = whereOf(source);
  const known = await knownKeysOf([]);
  const keysFor = keysOfSettings(known, NO_FLAGS, { io: { cwd: folder }, warn });
  const keys = source.file === '' ? known : await keysFor(source.file);
  const reports: ObjectReport[] = [];
  for (const found of await sealedObjectsIn({ bytes: Buffer.from(source.text), where })) {
    if (isFailure(found)) notes.push(`error: ${found.error.message}`);
    else reports.push(await inspectObject(found, where, keys));
  }
  if (reports.length === 0 && notes.length === 0) notes.push('note: there is no SealedSecret');
  const all = withDuplicates(reports);
  for (const { label, notes: own } of all)
    for (const { message } of own) notes.push(`note: ${label}: ${message}`);
  const table = reports.length === 0 ? '' : `${tableOf(all, true, now())}\n`;
  return `${table}${notes.map((note) => `${note}\n`).join('')}`;
}
