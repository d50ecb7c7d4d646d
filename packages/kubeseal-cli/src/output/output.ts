import type { Format } from '@fuin/manifests';
import { type Invocation, isStream, usageError } from '../invocation/invocation.ts';

/** Writes the output in one piece: to the file of -w, else to stdout. */
export async function writeOutput({ flags, io }: Invocation, content: Uint8Array | string): Promise<void> {
  const file = flags['sealed-secret-file'];
  if (!file || isStream(file)) return io.stdout.write(content);
  const { atomicWrite } = await import('./atomic-write.ts');
  await atomicWrite(io.cwd, file, content);
}

/**
 * The output format: the extension of `file` if it is YAML's, else --format.
 *
 * @throws ERR_USAGE `unsupported output format: xml`
 */
export function outputFormat({ flags }: Invocation, file = flags['sealed-secret-file']): Format {
  if (/\.ya?ml$/.test(file)) return 'yaml';
  const format = flags.format.toLowerCase() || 'json';
  if (format === 'json' || format === 'yaml') return format;
  throw usageError(`unsupported output format: ${flags.format}`, 'the formats are json and yaml');
}
