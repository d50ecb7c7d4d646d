import { join } from 'node:path';
import { usageError } from '../usage-error.ts';
import { directoryOf, namedSettings, type SettingsPlace, settingsAbove } from './find-settings.ts';
import type { Settings } from './settings.ts';

/** The settings of one run: searched for once a directory, each file is read once, when it is needed. */
export class RunSettings {
  readonly #cwd: string;
  readonly #config: string;
  readonly #isOff: boolean;
  readonly #places = new Map<string, SettingsPlace | undefined>();
  readonly #read = new Map<string, Promise<Settings>>();

  /** @throws ERR_USAGE where flags contradict each other */
  constructor(flags: { readonly config: string; readonly 'no-config': boolean }, cwd: string) {
    this.#cwd = cwd;
    this.#config = flags.config;
    this.#isOff = flags['no-config'];
    if (this.#isOff && this.#config !== '') throw usageError('--config and --no-config exclude each other');
  }

  /**
   * The settings that count for a file; undefined where there are none.
   *
   * @param file empty for stdin and stdout, which belong to the current directory
   * @throws ERR_USAGE
   */
  async settingsFor(file: string): Promise<Settings | undefined> {
    const place = this.#placeFor(file);
    if (!place) return undefined;
    const known = this.#read.get(place.path) ?? read(place);
    this.#read.set(place.path, known);
    return known;
  }

  #placeFor(file: string): SettingsPlace | undefined {
    if (this.#isOff) return undefined;
    if (this.#config !== '') return namedSettings(this.#config, this.#cwd);
    const directory = directoryOf(file === '' ? join(this.#cwd, 'stdin') : file, this.#cwd);
    if (!this.#places.has(directory)) this.#places.set(directory, settingsAbove(directory, this.#cwd));
    return this.#places.get(directory);
  }
}

/** The reader, and the parser of YAML behind it, are loaded only where there is something to read. */
async function read(place: SettingsPlace): Promise<Settings> {
  return (await import('./settings.ts')).Settings.read(place);
}
