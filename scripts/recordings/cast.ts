/** What a program printed, and when: asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/). */
export interface Cast {
  readonly command: string;
  readonly title: string;
  readonly events: readonly Event[];
}

/** Seconds since the start, and the text that came. */
export type Event = readonly [time: number, text: string];

const SIZE = { width: 80, height: 24 };

/** A cast as text: a line of what it is, and a line for each event. */
export function formatCast({ command, title, events }: Cast): string {
  const lines = events.map(([time, text]) => [Number(time.toFixed(3)), 'o', text]);
  return [{ version: 2, ...SIZE, command, title }, ...lines]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

/** @throws Error for what is no cast of version 2 */
export function parseCast(text: string): Cast {
  const [head, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  const { version, command, title } = head as Readonly<Record<string, unknown>>;
  if (version !== 2) throw new Error('a cast of version 2 is needed');
  const events = lines.map((line) => {
    const [time, , data] = line as readonly unknown[];
    return [Number(time), String(data)] as const;
  });
  return { command: String(command), title: String(title), events };
}

/** Everything that was printed. */
export function textOf({ events }: Cast): string {
  return events.map(([, text]) => text).join('');
}
