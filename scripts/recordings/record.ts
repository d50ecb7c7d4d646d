import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Cast, type Event, formatCast, parseCast } from './cast.ts';
import { RECORDINGS, type Recording } from './recordings.ts';
import { renderCast } from './svg.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Runs the program of a recording. @throws Error when it fails */
async function record({ title, command, program }: Recording): Promise<Cast> {
  const child = spawn(process.execPath, program, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const start = performance.now();
  const events: Event[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    events.push([(performance.now() - start) / 1_000, text]);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return { title, command, events };
}

/** `node scripts/recordings/record.ts`: records every program again, as cast and as SVG, in docs/images. */
for (const recording of RECORDINGS) {
  const path = join(ROOT, 'docs/images', recording.name);
  const text = formatCast(await record(recording));
  await writeFile(`${path}.cast`, text);
  await writeFile(`${path}.svg`, renderCast(parseCast(text)));
  console.log(`${path}.svg`);
}
