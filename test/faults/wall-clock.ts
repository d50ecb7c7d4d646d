import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PRELOADED = pathToFileURL(join(import.meta.dirname, 'shifted-clock.ts')).href;

/** The wall clock of programs under test, which can be set while they run. */
export class WallClock {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** A clock that is right so far. */
  static async create(): Promise<WallClock> {
    const clock = new WallClock(await mkdtemp(join(tmpdir(), 'fuin-clock-')));
    await clock.set(0);
    return clock;
  }

  /** Environment of a program that is to live by this clock. */
  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--import=${PRELOADED}`, FUIN_CLOCK_FILE: this.#file };
  }

  /** Sets the clock in one step, so many milliseconds off the true time. */
  async set(offsetMs: number): Promise<void> {
    await writeFile(`${this.#file}.new`, String(offsetMs));
    await rename(`${this.#file}.new`, this.#file);
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#directory, 'offset');
  }
}
