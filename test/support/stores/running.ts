import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGuarded } from '../../kube-apiserver/guarded-process.ts';
import { eventually } from '../time/eventually.ts';
import { STORE_TOOLS } from '../tools/store-tools.ts';

/** A store that runs on this machine for the tests of a file. */
export interface RunningStore {
  readonly url: string;
  stop(): Promise<void>;
}

/** The token of every Vault that tests start. */
export const VAULT_TOKEN = 'root';

/** Vault's own KV engines: `secret/` of version 2, `kv/` of version 1. */
export function startVault(): Promise<RunningStore> {
  return start([STORE_TOOLS.vault, '127.0.0.1:0', VAULT_TOKEN]);
}

/** A stand-in for AWS. */
export function startMoto(): Promise<RunningStore> {
  return start([STORE_TOOLS.moto, '-H', '127.0.0.1', '-p', '0']);
}

/** A stand-in for AWS KMS and STS. */
export async function startMinistack(): Promise<RunningStore> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return start([STORE_TOOLS.ministack], { BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port) });
}

/** Starts a server that prints its address. */
async function start(
  command: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<RunningStore> {
  const directory = await mkdtemp(join(tmpdir(), 'fuin-store-'));
  const logFile = join(directory, 'log');
  const env = { PATH: process.env['PATH'], HOME: directory, PYTHONUNBUFFERED: '1', ...more };
  const server = startGuarded(command, { logFile, env });
  const url = await eventually(`the address of ${command[0]}`, async () => {
    const log = await readFile(logFile, 'utf8');
    return /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0];
  });
  return {
    url,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Writes into a Vault that `startVault` started. */
export async function writeToVault(url: string, method: string, path: string, body?: unknown): Promise<void> {
  const headers = { 'x-vault-token': VAULT_TOKEN };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(`${url}/v1/${path}`, init);
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

/**
 * Asks a stand-in for AWS with an administrator's signature, which it does not check before `enforceRights`.
 *
 * @returns the text of the answer
 */
export async function askMoto(
  url: string,
  service: 'secretsmanager' | 'ssm' | 'iam',
  action: string,
  fields: object,
): Promise<string> {
  const isQuery = service === 'iam';
  const target = service === 'ssm' ? 'AmazonSSM' : service;
  const scope = `AKIA/20260101/eu-central-1/${service}/aws4_request`;
  const answer = await fetch(`${url}/`, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      'content-type': isQuery ? 'application/x-www-form-urlencoded' : 'application/x-amz-json-1.1',
      ...(isQuery ? {} : { 'x-amz-target': `${target}.${action}` }),
    },
    body: isQuery
      ? new URLSearchParams({ Action: action, Version: '2010-05-08', ...fields }).toString()
      : JSON.stringify(fields),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${text}`);
  return text;
}

/** A user of AWS with one policy, as environment variables. */
export async function awsUser(url: string, name: string, policy: object): Promise<Record<string, string>> {
  await askMoto(url, 'iam', 'CreateUser', { UserName: name });
  const document = { UserName: name, PolicyName: 'p', PolicyDocument: JSON.stringify(policy) };
  await askMoto(url, 'iam', 'PutUserPolicy', document);
  const key = await askMoto(url, 'iam', 'CreateAccessKey', { UserName: name });
  const [id, secret] = ['AccessKeyId', 'SecretAccessKey'].map(
    (field) => new RegExp(`<${field}>(.*?)</${field}>`).exec(key)?.[1] ?? '',
  );
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: id ?? '',
    AWS_SECRET_ACCESS_KEY: secret ?? '',
  };
}

/** Has a stand-in for AWS check signatures and policies from now on. */
export async function enforceRights(url: string): Promise<void> {
  const headers = { 'content-type': 'text/plain' };
  await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', headers, body: '0' });
}
