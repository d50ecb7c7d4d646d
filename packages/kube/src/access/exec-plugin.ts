import { type SpawnOptions, spawn } from 'node:child_process';
import { text as textOf } from 'node:stream/consumers';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { IssuedCredentials } from './renewal.ts';
import type { ClusterAccess, Fields } from './server-access.ts';

/** The process around a plugin: its environment, and which of its streams are a terminal. */
export interface PluginHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTty: boolean };
  readonly stderr: { readonly isTty: boolean };
}

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/**
 * Runs the credential plugin of a kubeconfig user like client-go: KUBERNETES_EXEC_INFO in its environment,
 * the terminal for its questions if interactiveMode allows and stdin is one. Its stderr is shown to a person
 * at a terminal only: it may hold a token, and logs are kept.
 *
 * @param ca PEM of the authority that signed the server's certificate, for a plugin that asks about the
 * cluster
 * @throws ERR_USAGE when it cannot run or gives no credentials; never with its output
 */
export async function runExecPlugin(
  { cluster, user }: ClusterAccess,
  ca: string | undefined,
  { env, stdin, stderr }: PluginHost,
): Promise<IssuedCredentials> {
  const exec = (user['exec'] ?? {}) as Fields;
  const apiVersion = text(exec['apiVersion']);
  if (!API_VERSIONS.includes(apiVersion)) throw failure(`exec plugin: invalid apiVersion "${apiVersion}"`);
  const interactive = isInteractive(text(exec['interactiveMode']), stdin.isTty);
  const spec = {
    interactive,
    ...(exec['provideClusterInfo'] === true ? { cluster: clusterInfo(cluster, ca) } : {}),
  };
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec });
  const command = text(exec['command']);
  if (command === '') throw failure('exec: command must be specified to use the exec authentication plugin');
  const output = await outputOf(command, list(exec['args']).map(String), {
    env: { ...env, ...variables(exec), KUBERNETES_EXEC_INFO: info },
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', stderr.isTty ? 'inherit' : 'ignore'],
  }).catch((cause: unknown) => {
    if (cause instanceof SealedSecretsError) throw cause;
    const { code } = cause as NodeJS.ErrnoException; // the text may quote an argument or a variable
    const reason = code === 'ENOENT' ? 'not found' : `failed to start: ${code}`;
    throw failure(`exec: executable ${command} ${reason}`, text(exec['installHint']));
  });
  return readAnswer(output, apiVersion);
}

/** What the plugin prints. Rejects with an error of Node if it cannot start, and ERR_USAGE if it fails. */
async function outputOf(command: string, args: readonly string[], options: SpawnOptions): Promise<string> {
  const plugin = spawn(command, args, options);
  const ended = new Promise<string>((resolve, reject) => {
    const onClose = (code: number | null, signal: string | null) =>
      resolve(signal === null ? `failed with exit code ${code}` : `was ended by ${signal}`);
    plugin.once('error', reject).once('close', onClose);
  });
  const output = plugin.stdout && textOf(plugin.stdout).catch(() => '');
  const end = await ended;
  if (plugin.exitCode !== 0) throw failure(`exec: executable ${command} ${end}`, RUN_BY_HAND);
  return (await output) ?? '';
}

const RUN_BY_HAND =
  'run it by hand to see what it says; its output is not shown here because it may hold a token';

function isInteractive(mode: string, isTerminal: boolean): boolean {
  if (mode === 'Never') return false;
  if (mode === 'IfAvailable' || mode === '') return isTerminal;
  if (mode !== 'Always') throw failure(`unknown interactiveMode: ${JSON.stringify(mode)}`);
  if (isTerminal) return true;
  throw failure(
    'exec plugin cannot support interactive mode: standard input is not a terminal',
    'the plugin can ask only where standard input is a terminal: give kubeseal its input with -f',
  );
}

/** Checks the plugin's ExecCredential in the order and words of client-go. */
function readAnswer(output: string, apiVersion: string): IssuedCredentials {
  let answer: Fields;
  try {
    answer = Object(JSON.parse(output)) as Fields;
  } catch {
    throw failure('decoding stdout: the plugin printed no ExecCredential', RUN_BY_HAND);
  }
  const actual = text(answer['apiVersion']);
  if (actual !== apiVersion || answer['kind'] !== 'ExecCredential') {
    throw failure(
      `exec plugin is configured to use API version ${apiVersion}, plugin returned version ${actual.slice(0, 100)}`,
    );
  }
  if (!answer['status']) throw failure("exec plugin didn't return a status field");
  const status = answer['status'] as Fields;
  const [token, cert, key] = ['token', 'clientCertificateData', 'clientKeyData'].map((name) =>
    text(status[name]),
  );
  if (!token && !cert && !key) throw failure("exec plugin didn't return a token or cert/key pair");
  if (!cert !== !key) throw failure('exec plugin returned only certificate or key, not both');
  const expiresMs = Date.parse(text(status['expirationTimestamp']));
  return {
    ...(token ? { token } : {}),
    ...(cert && key ? { cert, key } : {}),
    ...(Number.isNaN(expiresMs) ? {} : { expiresMs }),
  };
}

function variables(exec: Fields): Record<string, string> {
  const entries = list(exec['env']) as readonly Fields[];
  return Object.fromEntries(entries.map(({ name, value }) => [text(name), text(value)]));
}

function clusterInfo(cluster: Fields, ca: string | undefined): Fields {
  const extensions = list(cluster['extensions']) as readonly Fields[];
  const config = extensions.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.['extension'];
  const copied = [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'proxy-url',
    'disable-compression',
  ];
  const present = copied
    .filter((field) => cluster[field] !== undefined)
    .map((field) => [field, cluster[field]]);
  return {
    ...Object.fromEntries(present),
    ...(ca ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {}),
    ...(config === undefined ? {} : { config }),
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function failure(reason: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', `getting credentials: ${reason}`, hint ? { hint } : {});
}
