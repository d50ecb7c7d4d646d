import { SealedSecretsError } from '@fuin/crypto-core';

type Fields = Readonly<Record<string, unknown>>;
type Kind = 'a string' | 'true or false' | 'a list of strings' | 'an object';

/** The fields of an entry that the controller heeds, and what client-go takes for each. */
const KINDS: Readonly<Record<string, Kind>> = {
  name: 'a string',
  server: 'a string',
  'tls-server-name': 'a string',
  'insecure-skip-tls-verify': 'true or false',
  'certificate-authority': 'a string',
  'certificate-authority-data': 'a string',
  'proxy-url': 'a string',
  cluster: 'a string',
  user: 'a string',
  namespace: 'a string',
  'client-certificate': 'a string',
  'client-certificate-data': 'a string',
  'client-key': 'a string',
  'client-key-data': 'a string',
  token: 'a string',
  tokenFile: 'a string',
  username: 'a string',
  password: 'a string',
  as: 'a string',
  'as-uid': 'a string',
  'as-groups': 'a list of strings',
  'as-user-extra': 'an object',
  exec: 'an object',
  'auth-provider': 'an object',
};

const TESTS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  'a string': (value) => typeof value === 'string',
  'true or false': (value) => typeof value === 'boolean',
  'a list of strings': (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  'an object': (value) => typeof value === 'object' && !Array.isArray(value),
};

/**
 * Refuses a field of another type than client-go takes, since one that is passed over asks without credentials.
 *
 * @param path of the entry, for the message
 * @throws ERR_USAGE naming the field, never its value
 */
export function checkFields(fields: Fields, path: string): void {
  for (const [name, value] of Object.entries(fields)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (kind === undefined || value === undefined || value === null || TESTS[kind](value)) continue;
    const hint = kind === 'a string' ? { hint: 'put the value in quotes' } : {};
    throw new SealedSecretsError('ERR_USAGE', `${path}.${name} is not ${kind}`, hint);
  }
}
