import { type Bytes, encodeUtf8, printable, SealedSecretsError } from '@fuin/crypto-core';
import { type Fields, fieldsOf, isObject } from '../io/fields.ts';

/** What a program prints as JSON, and where the items are in it. */
interface Shape {
  readonly program: string;
  fits(value: Fields): boolean;
  /** The items as a flat object, or why there are none. */
  itemsOf(value: Fields): Fields | Complaint;
}

class Complaint {
  readonly message: string;
  readonly hint: string;
  constructor(message: string, hint: string) {
    this.message = message;
    this.hint = hint;
  }
}

/** The first shape that fits counts; what fits none is a flat object. */
const SHAPES: readonly Shape[] = [
  {
    program: 'vault kv get (KV version 2)',
    // what version 1 holds may have fields of these names too
    fits: ({ lease_id: lease, data }) =>
      lease !== undefined &&
      Object.hasOwn(fieldsOf(data), 'data') &&
      fieldsOf(fieldsOf(data)['metadata'])['created_time'] !== undefined,
    itemsOf: ({ data }) => {
      const { data: items } = fieldsOf(data);
      if (isObject(items)) return items;
      return new Complaint(
        'this version of the secret was deleted',
        'vault kv get -version=N reads an older one',
      );
    },
  },
  {
    program: 'vault kv get (KV version 1)',
    fits: ({ lease_id: lease, data }) => lease !== undefined && isObject(data),
    itemsOf: ({ data }) => fieldsOf(data),
  },
  {
    program: 'aws secretsmanager get-secret-value',
    fits: ({ ARN: arn, VersionId: version }) => arn !== undefined && version !== undefined,
    itemsOf: ({ SecretString: text }) => {
      const value = typeof text === 'string' ? parseJson(text) : undefined;
      if (isObject(value)) return value;
      return new Complaint(
        'the SecretString is no JSON object, so it names no items',
        'give the value alone to an item: --query SecretString --output text | kubeseal create NAME ITEM=@-',
      );
    },
  },
  {
    program: 'op item get --format json',
    fits: ({ vault, fields }) => isObject(vault) && Array.isArray(fields),
    itemsOf: ({ fields }) => once(namedValues(fields, 'label')),
  },
  {
    program: 'bw get item',
    // logins, SSH keys, notes and others differ in what they have beside these
    fits: ({ object, id, type, name }) => object === 'item' && [id, type, name].every(isText),
    itemsOf: ({ login, sshKey, fields, notes }) => {
      const { username, password, totp } = fieldsOf(login);
      const { privateKey, publicKey } = fieldsOf(sshKey);
      const own = Object.entries({ username, password, totp, privateKey, publicKey, notes });
      return once([...own, ...namedValues(fields, 'name')]);
    },
  },
];

/**
 * The items of a JSON text: of a flat object, or of what a program of the table prints. Numbers keep their
 * digits.
 *
 * @throws ERR_MANIFEST_INVALID naming the item, never a value
 */
export function itemsOfJson(text: string, where: string): Map<string, string> {
  const value = parseJson(text);
  if (!isObject(value)) throw invalid(`${where} is not a JSON object`, 'it must be like {"user": "ann"}');
  const shape = SHAPES.find(({ fits }) => fits(value));
  const items = shape ? shape.itemsOf(value) : value;
  const source = shape ? `${where}, the output of ${shape.program}` : where;
  if (items instanceof Complaint) throw invalid(`${source}: ${items.message}`, items.hint);
  return new Map(Object.entries(items).map(([name, each]) => [name, textOf(each, name, source)]));
}

/**
 * The wanted items of a JSON object. One that is not wanted may be of any kind.
 *
 * @throws ERR_MANIFEST_INVALID naming the item, never a value
 */
export function itemsOfFields(
  fields: Fields,
  where: string,
  wants: (item: string) => boolean,
): Map<string, Bytes> {
  const wanted = Object.entries(fields).filter(([name]) => wants(name));
  const hint = 'only a flat object is read: choose other items with --item';
  return new Map(wanted.map(([name, value]) => [name, encodeUtf8(textOf(value, name, where, hint))]));
}

function textOf(value: unknown, name: string, where: string, hint = 'only a flat object is read'): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  throw invalid(`item ${printable(name)} of ${where} is not a string, number or boolean`, hint);
}

/**
 * What a JSON text holds, with numbers as the strings that stand there: 1.0 and twenty digits must not
 * change. Undefined for what is no JSON.
 */
export function parseJson(text: string): unknown {
  const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value;
  try {
    return JSON.parse(text, keepDigits);
  } catch {
    return undefined; // the message of JSON.parse quotes the text
  }
}

type Named = readonly [name: string, value: unknown];

/** Values by the name that a list gives them. */
function namedValues(list: unknown, key: string): Named[] {
  const entries = Array.isArray(list) ? list.map(fieldsOf) : [];
  return entries.map((each) => [String(each[key] ?? ''), each['value']]);
}

/** The fields that have a value. Names need not be different in a password manager. */
function once(fields: readonly Named[]): Fields | Complaint {
  const filled = fields.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const names = filled.map(([name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return Object.fromEntries(filled);
  return new Complaint(`two fields are called ${printable(twice)}`, 'give one of them another name there');
}

/** Numbers are strings here. */
function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function invalid(message: string, hint: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message, { hint });
}
