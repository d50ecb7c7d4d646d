import { type Bytes, decodeBase64, encodeUtf8, SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../../../invocation/usage-error.ts';
import { fieldsOf } from '../../../io/fields.ts';
import type { Loaded, Store, StoreWorld } from '../store.ts';
import { type AwsService, withAws } from './aws-access.ts';
import { loadedText, loadedValue, splitVersion } from './reference.ts';

/** AWS Secrets Manager. */
export const SECRETS_MANAGER: Store = {
  usage: 'aws-sm:ID',
  summary:
    'A secret of AWS Secrets Manager, by name or ARN. A JSON object becomes items. ?version=ID-OR-STAGE behind it reads another version',
  splitsJson: true,
  check: (reference) => checkId(splitVersion(reference).name, 'aws-sm'),
  load: async (reference, world) => {
    const { name: id, version } = splitVersion(reference);
    return withAws('secretsmanager', regionIn(id), world, async (aws) => {
      const { name, value, origin } = await readSecretsManager(aws, id, version);
      return loadedValue(value, { name, origin }, world);
    });
  },
};

/** Parameters of AWS Systems Manager. */
export const PARAMETERS: Store = {
  usage: 'aws-ssm:NAME',
  summary:
    'A parameter of AWS Systems Manager, decrypted; with / at the end, all parameters of that path, one item each',
  check: (name) => checkId(name, 'aws-ssm'),
  load: (name, world) =>
    withAws('ssm', regionIn(name), world, (aws) =>
      name.endsWith('/') ? readPath(aws, name) : readOne(aws, name, world),
    ),
};

/** A value of Secrets Manager under its name. @param version id or stage; empty for the current one */
export async function readSecretsManager(
  aws: AwsService,
  id: string,
  version: string,
): Promise<{ readonly name: string; readonly value: Bytes; readonly origin: string }> {
  const origin = `${id} of AWS Secrets Manager in ${aws.region}`;
  const isId = /^[0-9a-f-]{32,64}$/i.test(version);
  const which = version === '' ? {} : isId ? { VersionId: version } : { VersionStage: version };
  const answer = await aws.call('GetSecretValue', { SecretId: id, ...which }, origin);
  const { Name, SecretString: text, SecretBinary: binary } = answer;
  const name = typeof Name === 'string' && Name !== '' ? Name : id;
  if (typeof text === 'string') return { name, origin, value: encodeUtf8(text) };
  if (typeof binary === 'string') return { name, origin, value: decodeBase64(binary) };
  throw noValue(origin);
}

/** The value of one parameter. @param name with a version as NAME:VERSION */
export async function readParameter(
  aws: AwsService,
  name: string,
): Promise<{ readonly text: string; readonly origin: string }> {
  const origin = `${name} of AWS Systems Manager in ${aws.region}`;
  const answer = await aws.call('GetParameter', { Name: name, WithDecryption: true }, origin);
  const { Value: text } = fieldsOf(answer['Parameter']);
  if (typeof text !== 'string') throw noValue(origin);
  return { text, origin };
}

async function readOne(aws: AwsService, name: string, world: StoreWorld): Promise<Loaded> {
  const { text, origin } = await readParameter(aws, name);
  return loadedText(text, { name: name.replace(/(?<!arn|ssm|aws):[^:/]*$/, ''), origin }, world);
}

/** As many pages as a Secret could hold, ten parameters each. */
const MOST_PAGES = 1000;

async function readPath(aws: AwsService, path: string): Promise<Loaded> {
  const origin = `${path} of AWS Systems Manager in ${aws.region}`;
  const items = new Map<string, Bytes>();
  const ask = { Path: path.replace(/(?<=.)\/$/, ''), WithDecryption: true };
  let next: unknown;
  for (let page = 0; page < MOST_PAGES; page++) {
    const more = typeof next === 'string' ? { NextToken: next } : {};
    const answer = await aws.call('GetParametersByPath', { ...ask, ...more }, origin);
    const parameters = Array.isArray(answer['Parameters']) ? answer['Parameters'].map(fieldsOf) : [];
    for (const { Name, Value } of parameters) {
      const item =
        String(Name ?? '')
          .split('/')
          .at(-1) ?? '';
      if (typeof Value === 'string') items.set(item, encodeUtf8(Value));
    }
    next = answer['NextToken'];
    if (typeof next !== 'string' || next === '') return { origin, items };
  }
  throw new SealedSecretsError('ERR_API_REJECTED', `${origin} never ends`);
}

/** The region in an ARN; empty where a name is given. */
function regionIn(id: string): string {
  return /^arn:[a-z-]+:[a-z]+:([a-z0-9-]+):/.exec(id)?.[1] ?? '';
}

function checkId(id: string, store: string): void {
  if (/^[\w/+=.@:-]{1,2048}$/.test(id)) return;
  throw usageError(`${store}: the name has a character that AWS does not know`, `such as ${store}:shop/db`);
}

function noValue(origin: string): SealedSecretsError {
  return new SealedSecretsError('ERR_API_REJECTED', `cannot read ${origin}: the answer holds no value`);
}
