import { readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse, stringify } from 'yaml';

/** What it takes to talk to an API server; certificates and keys are PEM. */
export interface ApiConnection {
  readonly server: string;
  readonly ca?: string | undefined;
  readonly token?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
}

interface NamedEntries {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string } }[];
  readonly clusters?: readonly { name: string; cluster: Record<string, string | undefined> }[];
  readonly users?: readonly { name: string; user: Record<string, string | undefined> }[];
}

/** Writes a kubeconfig, readable by its owner alone, with one context whose namespace is `default`. */
export async function writeKubeconfig(path: string, connection: ApiConnection): Promise<void> {
  const name = 'fuin';
  const cluster = { server: connection.server, 'certificate-authority-data': base64(connection.ca) };
  const user = {
    token: connection.token,
    'client-certificate-data': base64(connection.clientCertificate),
    'client-key-data': base64(connection.clientKey),
  };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  };
  await writeFile(path, stringify(kubeconfig), { mode: 0o600 });
}

/** Reads the current context of a kubeconfig; knows tokens and client certificates, no plugins. */
export async function readKubeconfig(path: string): Promise<ApiConnection> {
  const config: NamedEntries = parse(await readFile(path, 'utf8'));
  const current = named(config.contexts, config['current-context'], path).context;
  const { cluster } = named(config.clusters, current.cluster, path);
  const { user } = named(config.users, current.user, path);
  const field = (entry: Record<string, string | undefined>, key: string) =>
    dataOrFile(entry, key, dirname(path));
  const clientCertificate = await field(user, 'client-certificate');
  const token = user['token'] ?? (user['tokenFile'] && (await readFile(user['tokenFile'], 'utf8')).trim());
  if (token === undefined && clientCertificate === undefined) {
    throw new Error(`${path}: user ${current.user} has neither a token nor a client certificate`);
  }
  return {
    server: (cluster['server'] ?? '').replace(/\/$/, ''),
    ca: await field(cluster, 'certificate-authority'),
    token,
    clientCertificate,
    clientKey: await field(user, 'client-key'),
  };
}

function named<Entry extends { name: string }>(
  entries: readonly Entry[] = [],
  name: string | undefined,
  path: string,
): Entry {
  const found = entries.find((entry) => entry.name === name);
  if (!found) throw new Error(`${path}: has no entry named ${name}`);
  return found;
}

async function dataOrFile(
  entry: Record<string, string | undefined>,
  key: string,
  directory: string,
): Promise<string | undefined> {
  const data = entry[`${key}-data`];
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = entry[key];
  return file === undefined ? undefined : readFile(resolve(directory, file), 'utf8');
}

function base64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'utf8').toString('base64');
}
