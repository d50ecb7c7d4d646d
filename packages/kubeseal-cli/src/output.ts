import { type Invocation, isStream, usageError } from './invocation.ts';
import { emitJson } from './json.ts';
import { emitYaml, type Ordered } from './yaml/emit.ts';

export type Format = 'json' | 'yaml';

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

/** Prints an object as kubeseal does. YAML documents start with `---`. */
export function formatManifest(value: Ordered, format: Format): string {
  return format === 'yaml' ? `---\n${emitYaml(value)}` : `${emitJson(value)}\n`;
}
