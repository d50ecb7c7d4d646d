// Over 200 lines: one merge of kubeconfigs, and all that is asked of it.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { fileError } from '@fuin/flags/errno';
import { inClusterAccess } from './in-cluster.ts';
import {
  checkFields,
  entriesOf,
  FILE_FIELDS,
  overriddenCluster,
  overriddenUser,
  SECTIONS,
} from './kubeconfig-fields.ts';
import type { ClusterAccess, Fields } from './server-access.ts';

/** What overrides a kubeconfig, and where it is looked for. */
export interface KubeconfigRequest {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

interface Kubeconfig {
  currentContext: string;
  readonly clusters: Map<string, Fields>;
  readonly contexts: Map<string, Fields>;
  readonly users: Map<string, Fields>;
  /** The absolute path of the file that each user comes from. */
  readonly userFiles: Map<string, string>;
}

/** What a kubeconfig says once flags and environment are applied. */
export interface OpenKubeconfig {
  /**
   * Cluster, user and namespace of the context.
   *
   * @throws ERR_USAGE in client-go's words when there is no usable configuration
   */
  access(): Promise<ClusterAccess>;
  /**
   * The namespace that counts where an object names none. Only the context is needed for it: its user or
   * cluster may be missing.
   *
   * @throws ERR_USAGE as access
   */
  namespace(): Promise<string>;
  /** What can be chosen. @throws ERR_USAGE where a file cannot be read */
  names(): Promise<KubeconfigNames>;
}

/** What a kubeconfig has names for, each in the order of the files. */
export interface KubeconfigNames {
  readonly contexts: readonly string[];
  readonly clusters: readonly string[];
  readonly users: readonly string[];
  /** The namespaces that contexts name, each once. */
  readonly namespaces: readonly string[];
}

/**
 * The kubeconfig as kubectl resolves it: --kubeconfig, else the list in KUBECONFIG (the first to say
 * something wins, missing files are skipped), else ~/.kube/config, else the service account of the pod; flags
 * override single fields. Its files are read when something is asked for, and once.
 */
export function openKubeconfig(request: KubeconfigRequest): OpenKubeconfig {
  let loading: Promise<Kubeconfig> | undefined;
  const load = () => {
    loading ??= loadKubeconfig(request);
    return loading;
  };
  const flag = String(request.flags['namespace'] ?? '');
  return {
    access: async () => accessOf(await load(), request),
    namespace: async () => (flag === '' ? namespaceOf(await load(), request) : flag),
    names: async () => namesIn(await load()),
  };
}

function namesIn({ contexts, clusters, users }: Kubeconfig): KubeconfigNames {
  const namespaces = [...contexts.values()].map((context) => text(context['namespace']));
  return {
    contexts: [...contexts.keys()],
    clusters: [...clusters.keys()],
    users: [...users.keys()],
    namespaces: [...new Set(namespaces)].filter((namespace) => namespace !== ''),
  };
}

async function namespaceOf(config: Kubeconfig, request: KubeconfigRequest): Promise<string> {
  const { context } = contextOf(config, request);
  if (context) return text(context['namespace']) || 'default';
  return (await accessOf(config, request)).namespace;
}

function contextOf(config: Kubeconfig, { flags }: KubeconfigRequest) {
  const contextName = String(flags['context'] ?? '') || config.currentContext;
  const context = config.contexts.get(contextName);
  if (contextName !== '' && !context)
    throw usage(`context "${contextName}" does not exist`, contextsHint(config));
  return { contextName, context };
}

async function accessOf(config: Kubeconfig, request: KubeconfigRequest): Promise<ClusterAccess> {
  const flag = (name: string) => String(request.flags[name] ?? '');
  const { contextName, context } = contextOf(config, request);
  const clusterName = flag('cluster') || text(context?.['cluster']);
  const userName = flag('user') || text(context?.['user']);
  const cluster = overriddenCluster(named(config.clusters, clusterName, 'cluster'), request);
  const user = overriddenUser(named(config.users, userName, 'auth info'), request);
  if (!text(cluster['server'])) {
    const inCluster = config.contexts.size === 0 ? await inClusterAccess(request.env) : undefined;
    if (inCluster) return { ...inCluster, namespace: flag('namespace') || inCluster.namespace };
    if (config.clusters.size > 0 && contextName !== '')
      throw usage(`invalid configuration: cluster has no server defined`);
    throw usage(
      'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
      'give --kubeconfig or set KUBECONFIG',
    );
  }
  const namespace = flag('namespace') || text(context?.['namespace']) || 'default';
  const file = config.userFiles.get(userName);
  const origin = file === undefined ? {} : { userOrigin: { file, name: userName } };
  return { contextName, namespace, cluster, user, ...origin };
}

function contextsHint({ contexts }: Kubeconfig): string {
  const names = [...contexts.keys()];
  return names.length === 0 ? 'the kubeconfig has no contexts' : `the contexts are: ${names.join(', ')}`;
}

async function loadKubeconfig({ flags, env, cwd }: KubeconfigRequest): Promise<Kubeconfig> {
  const merged: Kubeconfig = {
    currentContext: '',
    clusters: new Map(),
    contexts: new Map(),
    users: new Map(),
    userFiles: new Map(),
  };
  const explicit = String(flags['kubeconfig'] ?? '');
  if (explicit) {
    const config = await readKubeconfig(resolve(cwd, explicit), explicit).catch((error: unknown) => {
      const isMissing = error instanceof SealedSecretsError && error.message.startsWith('stat ');
      throw isMissing ? error.withHint('this is the file that --kubeconfig names') : error;
    });
    merge(merged, config, { name: explicit, path: resolve(cwd, explicit) });
    return merged;
  }
  const list = (env['KUBECONFIG'] ?? '').split(delimiter).filter((name) => name !== '');
  const names = list.length > 0 ? list : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
  for (const name of new Set(names.map((entry) => resolve(cwd, entry)))) {
    const config = await readKubeconfig(name, name).catch((error: unknown) => {
      const isMissing =
        error instanceof SealedSecretsError && error.message.endsWith('no such file or directory');
      if (isMissing) return {};
      throw error;
    });
    merge(merged, config, { name, path: name });
  }
  const master = env['KUBERNETES_MASTER'];
  if (master && merged.clusters.size === 0) merged.clusters.set('', { server: master });
  return merged;
}

async function readKubeconfig(path: string, name: string): Promise<Fields> {
  const source = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, 'stat', name);
  });
  const { parseYaml } = await import('@fuin/manifests/read-yaml');
  let config: unknown;
  try {
    config = parseYaml(source, name, 'any')[0]?.value ?? {};
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    throw usage(`error loading config file "${name}": it is not valid YAML`, error.message);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw usage(`error loading config file "${name}": it is not a kubeconfig`);
  return config as Fields;
}

/** What an earlier file says about a name stays. */
function merge(into: Kubeconfig, config: Fields, { name: file, path }: Place): void {
  const directory = dirname(path);
  try {
    checkFields(config, { 'current-context': 'string' }, '');
    into.currentContext ||= text(config['current-context']);
    for (const section of Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]) {
      for (const [name, fields] of entriesOf(config, section)) {
        if (into[section].has(name)) continue;
        into[section].set(name, withAbsolutePaths(fields, directory));
        if (section === 'users') into.userFiles.set(name, path);
      }
    }
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    throw usage(`error loading config file "${file}": ${error.message}`, error.hint);
  }
}

/** How messages call a kubeconfig, and its absolute path: relative file names start beside it. */
interface Place {
  readonly name: string;
  readonly path: string;
}

function withAbsolutePaths(fields: Fields, directory: string): Fields {
  const paths = FILE_FIELDS.filter((field) => text(fields[field]) !== '' && !isAbsolute(text(fields[field])));
  const absolute = Object.fromEntries(paths.map((field) => [field, join(directory, text(fields[field]))]));
  const exec = fields['exec'] as Fields | undefined;
  const command = text(exec?.['command']);
  const isRelative = /[\\/]/.test(command) && !isAbsolute(command); // a bare name is looked up in PATH
  return {
    ...fields,
    ...absolute,
    ...(exec && isRelative ? { exec: { ...exec, command: join(directory, command) } } : {}),
  };
}

function named(section: ReadonlyMap<string, Fields>, name: string, kind: string): Fields {
  const fields = section.get(name);
  if (!fields && name !== '') throw usage(`${kind} "${name}" does not exist`);
  return fields ?? {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function usage(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
}
