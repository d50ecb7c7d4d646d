import { performance } from 'node:perf_hooks';

const WIDTH = 74;

/** Tells on a stream what the demo does, step by step, with the time each took. */
export class Narrator {
  readonly #out: NodeJS.WritableStream;
  readonly #start = performance.now();
  readonly #said: string[] = [];
  #steps = 0;

  constructor(out: NodeJS.WritableStream) {
    this.#out = out;
  }

  /** Runs one step, then prints its title, its duration and what was said meanwhile. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const text = `${++this.#steps}. ${title} `;
    try {
      return await work();
    } finally {
      this.#out.write(`\n${text.padEnd(WIDTH, '.')} ${seconds(performance.now() - start)}\n`);
      this.#out.write(this.#said.splice(0).join(''));
    }
  }

  /** Adds lines to the current step; long ones are cut. */
  say(...lines: readonly string[]): void {
    for (const line of lines.flatMap((text) => text.trimEnd().split('\n'))) {
      this.#said.push(`   ${line.length > 100 ? `${line.slice(0, 97)}...` : line}`.trimEnd().concat('\n'));
    }
  }

  /** Prints a line at once, whole. */
  tell(line: string): void {
    this.#out.write(`\n${line}\n`);
  }

  end(): void {
    this.tell(`Done in ${seconds(performance.now() - this.#start)}.`);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
