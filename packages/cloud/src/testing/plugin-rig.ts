import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Trouble } from './fault-proxy.ts';

/** A plugin on disk. */
export interface TestPlugin {
  /** Absolute path of the program. */
  readonly program: string;
  /** Its own key: nobody else may see it. */
  readonly key: string;
  /** `wrong-key`: it gives 32 bytes that are not the data key. */
  setTrouble(trouble: Trouble | 'wrong-key' | undefined): void;
  remove(): Promise<void>;
}

/** Writes a program that wraps with a key of its own. */
export async function writePlugin(): Promise<TestPlugin> {
  const directory = await mkdtemp(join(tmpdir(), 'fuin-plugin-'));
  const [program, state] = [join(directory, 'plugin'), join(directory, 'state')];
  const key = randomBytes(32).toString('hex');
  const setTrouble: TestPlugin['setTrouble'] = (trouble) =>
    writeFileSync(state, JSON.stringify({ key, trouble }));
  setTrouble(undefined);
  const script = join(import.meta.dirname, 'test-plugin.ts');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${script}' '${state}'\n`);
  await chmod(program, 0o755);
  return { program, key, setTrouble, remove: () => rm(directory, { recursive: true, force: true }) };
}
