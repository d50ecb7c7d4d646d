import type { Format } from '@fuin/manifests';
import { usageError } from '../invocation/usage-error.ts';
import { isStream } from '../io/files.ts';
import type { Io } from '../io/io.ts';
import { atomicWrite } from './atomic-write.ts';

/** Writes the output in one piece: to `file`, or to stdout where that is empty or a dash. */
export async function writeOutput(
  file: string,
  content: Uint8Array | string,
  io: Pick<Io, 'cwd' | 'stdout'>,
): Promise<void> {
  if (!file || isStream(file)) return io.stdout.write(content);
  await atomicWrite(io.cwd, file, content);
}

/**
 * The output format: the extension of `file` if it is YAML's, else --format.
 *
 * @throws ERR_USAGE `unsupported output format: xml`
 */
export function outputFormat(file: string, asked: string): Format {
  if (/\.ya?ml$/.test(file)) return 'yaml';
  const format = asked.toLowerCase() || 'json';
  if (format === 'json' || format === 'yaml') return format;
  throw usageError(`unsupported output format: ${asked}`, 'the formats are json and yaml');
}
