import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { settingsBytes } from '../../invocation/settings/find-settings.ts';
import type { Settings } from '../../invocation/settings/settings.ts';
import { checkWritable, writeNew } from '../../output/atomic-write.ts';
import { unifiedDiff } from '../../output/diff.ts';

/** The settings file and the certificates beside it, which one run changes, or in a dry run would change. */
export class PinFiles {
  readonly #place: Settings['place'];
  readonly #cwd: string;
  readonly #isDryRun: boolean;
  /** What files would hold after a dry run, by path. */
  readonly #fresh = new Map<string, Uint8Array>();

  constructor({ place }: Pick<Settings, 'place'>, cwd: string, isDryRun: boolean) {
    this.#place = place;
    this.#cwd = cwd;
    this.#isDryRun = isDryRun;
  }

  /** The settings file as it is after the changes so far. @throws ERR_USAGE */
  settings(): Uint8Array {
    return this.#fresh.get(this.#place.path) ?? settingsBytes(this.#place);
  }

  /** Replaces a file in one step. @returns how messages call it. @throws ERR_USAGE, also in a dry run */
  async write(path: string, content: Uint8Array): Promise<string> {
    if (!this.#isDryRun) await writeNew(this.#place.directory, path, content);
    else {
      if (existsSync(path)) await checkWritable(this.#place.directory, path);
      this.#fresh.set(path, content);
    }
    return relative(this.#cwd, path);
  }

  /** What a dry run would change. @param isForPeople as unifiedDiff has it */
  diff(isForPeople: boolean): string {
    const diffs = [...this.#fresh].map(([path, after]) => {
      const before = existsSync(path) ? readFileSync(path) : undefined;
      return unifiedDiff(path, this.#cwd, { before, after }, isForPeople);
    });
    return diffs.join('');
  }
}
