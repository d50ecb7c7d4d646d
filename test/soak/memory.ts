import { setTimeout as sleep } from 'node:timers/promises';
import type { SoakParts } from './load.ts';

/** Resident memory of the controller at one moment. */
export interface Sample {
  readonly seconds: number;
  readonly mebibytes: number;
}

/** Measures every second what the controller says of itself, from `startsAt` to the end. */
export async function sampleMemory(
  { world, endsAt }: SoakParts,
  startsAt: number,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  await sleep(Math.max(0, startsAt - Date.now()));
  for (; Date.now() < endsAt; await sleep(1_000)) {
    const text = await fetch(`${world.controller.metricsUrl}/metrics`).then((answer) => answer.text());
    const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
    samples.push({ seconds: (Date.now() - startsAt) / 1000, mebibytes: bytes / 2 ** 20 });
  }
  return samples;
}

/** Least-squares slope in MiB per minute. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(({ seconds }) => seconds)), mean(samples.map((each) => each.mebibytes))];
  const above = samples.reduce((sum, each) => sum + (each.seconds - x) * (each.mebibytes - y), 0);
  const below = samples.reduce((sum, { seconds }) => sum + (seconds - x) ** 2, 0);
  return (above / below) * 60;
}
