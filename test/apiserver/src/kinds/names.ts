import { type FieldError, fieldError } from '../objects/field-errors.ts';
import type { ResourceKind } from './kind.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const DATA_KEY = /^[-._a-zA-Z0-9]+$/;

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED_TEXT =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const DATA_KEY_TEXT =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const NAME_FORMS: Record<'subdomain' | 'label' | 'label1035', { form: RegExp; limit: number; text: string }> =
  {
    subdomain: { form: SUBDOMAIN, limit: 253, text: SUBDOMAIN_TEXT },
    label: { form: LABEL, limit: 63, text: LABEL_TEXT },
    label1035: { form: LABEL_1035, limit: 63, text: LABEL_1035_TEXT },
  };

/** Checks metadata.name against the form the kind demands. */
export function validateName(kind: ResourceKind, name: string): FieldError[] {
  const field = 'metadata.name';
  if (name === '') return [fieldError.required(field, 'name or generateName is required')];
  if (kind.nameForm === 'segment') {
    if (name === '.' || name === '..') return [fieldError.invalid(field, name, `may not be '${name}'`)];
    const illegal = ['/', '%'].filter((character) => name.includes(character));
    return illegal.map((character) => fieldError.invalid(field, name, `may not contain '${character}'`));
  }
  const { form, limit, text } = NAME_FORMS[kind.nameForm];
  const failures: FieldError[] = [];
  if (name.length > limit)
    failures.push(fieldError.invalid(field, name, `must be no more than ${limit} bytes`));
  if (!form.test(name)) failures.push(fieldError.invalid(field, name, text));
  return failures;
}

function validateQualifiedName(field: string, key: string): FieldError[] {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const failures: FieldError[] = [];
  if (slash >= 0 && !SUBDOMAIN.test(key.slice(0, slash))) {
    failures.push(fieldError.invalid(field, key, `prefix part ${SUBDOMAIN_TEXT}`));
  }
  if (name === '') failures.push(fieldError.invalid(field, key, 'name part must be non-empty'));
  if (name.length > 63)
    failures.push(fieldError.invalid(field, key, 'name part must be no more than 63 bytes'));
  if (!QUALIFIED_NAME.test(name)) failures.push(fieldError.invalid(field, key, QUALIFIED_TEXT));
  return failures;
}

/** Checks keys and values of metadata.labels. */
export function validateLabels(labels: Record<string, string>): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const failures = validateQualifiedName('metadata.labels', key);
    if (value.length > 63) {
      failures.push(fieldError.invalid('metadata.labels', value, 'must be no more than 63 bytes'));
    }
    if (!LABEL_VALUE.test(value))
      failures.push(fieldError.invalid('metadata.labels', value, LABEL_VALUE_TEXT));
    return failures;
  });
}

/** Checks keys of metadata.annotations and the total size (256 KiB). */
export function validateAnnotations(annotations: Record<string, string>): FieldError[] {
  const failures = Object.keys(annotations).flatMap((key) =>
    validateQualifiedName('metadata.annotations', key.toLowerCase()),
  );
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size > 262_144) failures.push(fieldError.tooLong('metadata.annotations', 262_144));
  return failures;
}

/** Checks the keys of `data` in Secrets and ConfigMaps. */
export function validateDataKeys(field: string, data: Record<string, unknown>): FieldError[] {
  return Object.keys(data).flatMap((key) => {
    const at = `${field}[${key}]`;
    if (key.length > 253) return [fieldError.invalid(at, key, 'must be no more than 253 bytes')];
    if (!DATA_KEY.test(key)) return [fieldError.invalid(at, key, DATA_KEY_TEXT)];
    if (key === '.' || key === '..') return [fieldError.invalid(at, key, `must not be '${key}'`)];
    if (key.startsWith('..')) return [fieldError.invalid(at, key, "must not start with '..'")];
    return [];
  });
}
