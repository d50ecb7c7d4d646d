import { ApiError, type KindName, type StatusCause } from './status-errors.ts';

/** One failed validation of one field. */
export interface FieldError {
  readonly reason: string;
  readonly field: string;
  /** Text after `<field>: `. */
  readonly message: string;
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value ?? 'null');
}

/** The constructors of k8s.io/apimachinery/pkg/util/validation/field. */
export const fieldError = {
  invalid: (field: string, value: unknown, detail: string): FieldError => ({
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${formatValue(value)}: ${detail}`,
  }),
  typeInvalid: (field: string, value: unknown, detail: string): FieldError => ({
    reason: 'FieldValueTypeInvalid',
    field,
    message: `Invalid value: ${formatValue(value)}: ${detail}`,
  }),
  required: (field: string, detail = ''): FieldError => ({
    reason: 'FieldValueRequired',
    field,
    message: detail ? `Required value: ${detail}` : 'Required value',
  }),
  forbidden: (field: string, detail: string): FieldError => ({
    reason: 'FieldValueForbidden',
    field,
    message: `Forbidden: ${detail}`,
  }),
  notSupported: (field: string, value: unknown, allowed: readonly string[]): FieldError => ({
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${formatValue(value)}: supported values: ${allowed.map((item) => JSON.stringify(item)).join(', ')}`,
  }),
  duplicate: (field: string, value: unknown): FieldError => ({
    reason: 'FieldValueDuplicate',
    field,
    message: `Duplicate value: ${formatValue(value)}`,
  }),
  tooLong: (field: string, limit: number): FieldError => ({
    reason: 'FieldValueTooLong',
    field,
    message: `Too long: may not be more than ${limit} bytes`,
  }),
};

/** A 422 that lists every failed field, worded as the real server words it. */
export function invalidObject(kind: KindName, name: string, failures: readonly FieldError[]): ApiError {
  const texts = [...new Set(failures.map(({ field, message }) => `${field}: ${message}`))];
  const causes: StatusCause[] = failures.map(({ reason, message, field }) => ({ reason, message, field }));
  const title = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `${title} ${JSON.stringify(name)} is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    details: {
      ...(name ? { name } : {}),
      ...(kind.group ? { group: kind.group } : {}),
      kind: kind.kind,
      causes,
    },
  });
}
