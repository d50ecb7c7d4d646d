/** The fields of an object of unknown origin. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object with fields, and no list. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of an object; none of anything else, lists included. */
export function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** The fields of an object that are strings, such as labels; others are left out. */
export function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(fieldsOf(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
