import { emitJson } from './json.ts';
import { emitYaml, type Ordered } from './yaml/write-yaml.ts';

/** The format in which a manifest is written. */
export type Format = 'json' | 'yaml';

/** Prints an object as kubeseal does. YAML documents start with `---`. */
export function formatManifest(value: Ordered, format: Format): string {
  return format === 'yaml' ? `---\n${emitYaml(value)}` : `${emitJson(value)}\n`;
}
