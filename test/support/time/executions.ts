import { type Profiler, Session } from 'node:inspector/promises';

/**
 * Counts how often functions, branches and loops run: work as a number that is the same on every machine.
 * Loops inside the engine, as in a spread over a Map, count as one.
 */
export class Executions {
  readonly #session = new Session();
  readonly #files: RegExp;

  private constructor(files: RegExp) {
    this.#files = files;
  }

  /** Only what is loaded after this is counted to the last loop. @param files URLs of what counts */
  static async of(files: RegExp): Promise<Executions> {
    const executions = new Executions(files);
    executions.#session.connect();
    await executions.#session.post('Profiler.enable');
    await executions.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return executions;
  }

  /** How much ran since the last look. */
  async count(): Promise<number> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    return result.filter(({ url }) => this.#files.test(url)).reduce((sum, script) => sum + sumOf(script), 0);
  }

  close(): void {
    this.#session.disconnect();
  }
}

function sumOf({ functions }: Profiler.ScriptCoverage): number {
  return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
}
