import { emitYaml, type Ordered } from './yaml/write-yaml.ts';

/** The format in which a manifest is written. */
export type Format = 'json' | 'yaml';

/** Prints an object as kubeseal does. YAML documents start with `---`. */
export function formatManifest(value: Ordered, format: Format): string {
  return format === 'yaml' ? `---\n${emitYaml(value)}` : `${emitJson(value)}\n`;
}

/** JSON as Go's encoder prints it with two spaces: `<`, `>`, `&` and line separators escaped, order kept. */
function emitJson(value: Ordered, margin = ''): string {
  const inner = `${margin}  `;
  if (value instanceof Map) {
    const fields = [...value].map(([key, field]) => `${inner}${quote(key)}: ${emitJson(field, inner)}`);
    return fields.length === 0 ? '{}' : `{\n${fields.join(',\n')}\n${margin}}`;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => `${inner}${emitJson(item, inner)}`);
    return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n${margin}]`;
  }
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}

const GO_ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

function quote(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => GO_ESCAPES[character] ?? character,
  );
}
