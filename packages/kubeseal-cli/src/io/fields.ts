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
