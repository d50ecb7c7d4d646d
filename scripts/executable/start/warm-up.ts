import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Script } from 'node:vm';
import { cacheOf, compileChunk, MAIN, requireFrom } from './loader.ts';

/**
 * `node warm-up.ts DIRECTORY COMMANDS`: runs command lines of a program (JSON) as the executable will, in a
 * directory with the files beside this one, and writes V8's code cache of each chunk that they load. What
 * they have run is compiled in it, and needs no compiler at start. A cache holds code, no values.
 */
const FILES = ['certificate.pem', 'sealed.yaml', 'secret.yaml'];
const [directory = '', commands = '[]'] = process.argv.slice(2);

setFlagsFromString('--no-flush-bytecode'); // what is compiled stays, however long this takes
const chunks = new Map<string, Script>();
const chunkOf = (name: string): Script => {
  const chunk = chunks.get(name) ?? compileChunk(name, readFileSync(join(directory, name), 'utf8'));
  chunks.set(name, chunk);
  return chunk;
};
chunkOf(MAIN);
const place = mkdtempSync(join(tmpdir(), 'fuin-warm-up-'));
try {
  for (const file of FILES) await copyFile(join(import.meta.dirname, file), join(place, file));
  process.chdir(place);
  for (const command of JSON.parse(commands) as string[][]) await run(command);
} finally {
  process.chdir(tmpdir());
  rmSync(place, { recursive: true, force: true });
}
setFlagsFromString('--flush-bytecode'); // V8 refuses a cache that was made with other flags
for (const [name, chunk] of chunks) writeFileSync(join(directory, cacheOf(name)), chunk.createCachedData());

/** Runs the program once, from its start to the exit that it asks for. @throws unless it ends well */
async function run(command: readonly string[]): Promise<void> {
  process.argv = [process.execPath, process.execPath, ...command];
  const ended = new Promise<unknown>((resolve) => void Reflect.set(process, 'exit', resolve));
  requireFrom(chunkOf)(`./${MAIN}`);
  const code = await ended;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`);
}
