import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { parse } from 'yaml';
import { checkFields } from './connection-kubeconfig-fields.ts';

/** Fields of a cluster, user or context entry as they stand in a kubeconfig; paths are absolute. */
export type Fields = Readonly<Record<string, unknown>>;

/** The current context of one or several kubeconfig files. */
export interface CurrentContext {
  readonly cluster: Fields;
  readonly user: Fields;
  readonly userName: string;
  readonly namespace: string | undefined;
}

const PATH_FIELDS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

const UNREADABLE_HINT =
  'the file that --kubeconfig or KUBECONFIG names must exist and be readable; in a pod neither is needed';

/**
 * Merges kubeconfig files as kubectl does (the first mention of a name wins, files that are missing from a list are
 * skipped) and picks the current context. @throws ERR_USAGE
 */
export async function readCurrentContext(files: readonly string[]): Promise<CurrentContext> {
  const configs: Fields[] = [];
  for (const file of files) {
    const config = await readConfig(file, files.length > 1);
    if (config) configs.push(config);
  }
  const contextName = configs.map((config) => text(config['current-context'])).find(Boolean);
  if (!contextName) throw unusable(files, 'no current-context is set');
  const named = (list: string, kind: string, name: unknown): Fields => {
    const entries = configs.flatMap((config) => (Array.isArray(config[list]) ? config[list] : []));
    const entry = entries.map(fieldsOf).find((candidate) => candidate['name'] === name);
    if (!entry) throw unusable(files, `there is no ${kind} named ${JSON.stringify(name)}`);
    const fields = fieldsOf(entry[kind]);
    checked(files, () => checkFields(fields, kind));
    return fields;
  };
  const context = named('contexts', 'context', contextName);
  return {
    cluster: named('clusters', 'cluster', context['cluster']),
    user: context['user'] ? named('users', 'user', context['user']) : {},
    userName: text(context['user']) ?? '',
    namespace: text(context['namespace']),
  };
}

/** The value when it is a string with something in it. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

async function readConfig(file: string, maySkip: boolean): Promise<Fields | undefined> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (maySkip && error.code === 'ENOENT') return undefined;
    throw unusable([file], error.code ?? 'cannot be read', UNREADABLE_HINT);
  });
  if (content === undefined) return undefined;
  try {
    return withAbsolutePaths(fieldsOf(parse(content, { merge: true })), dirname(file));
  } catch {
    // The parser's own words quote lines of the file, and those hold credentials.
    throw unusable([file], 'not readable as YAML');
  }
}

function withAbsolutePaths(config: Fields, directory: string): Fields {
  const rebase = (kind: string) => (entry: unknown) => {
    const fields: Record<string, unknown> = { ...fieldsOf(fieldsOf(entry)[kind]) };
    for (const field of PATH_FIELDS) {
      const path = text(fields[field]);
      if (path) fields[field] = resolve(directory, path);
    }
    const exec = fieldsOf(fields['exec']);
    const command = text(exec['command']);
    if (command?.includes('/')) fields['exec'] = { ...exec, command: resolve(directory, command) };
    return { ...fieldsOf(entry), [kind]: fields };
  };
  const list = (name: string, kind: string) =>
    Array.isArray(config[name]) ? config[name].map(rebase(kind)) : [];
  return { ...config, clusters: list('clusters', 'cluster'), users: list('users', 'user') };
}

/** The fields of an object, none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function checked(files: readonly string[], check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    throw unusable(files, error.message, error.hint);
  }
}

function unusable(files: readonly string[], reason: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError(
    'ERR_USAGE',
    `kubeconfig ${files.join(', ')}: ${reason}`,
    hint === undefined ? {} : { hint },
  );
}
