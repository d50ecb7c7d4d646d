import { misconfigured } from '../faults.ts';
import type { WrapperWorld } from '../key-wrapper.ts';

/** How Vault or OpenBao is reached, from the variables that their own programs read. */
export interface VaultSettings {
  readonly address: string;
  readonly namespace: string;
  /** PEM file of the authority of its certificate; empty for those of the system. */
  readonly caFile: string;
  readonly login: VaultLogin;
}

/** Who asks. */
export type VaultLogin =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'kubernetes'; readonly mount: string; readonly role: string; readonly jwtFile: string };

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** @throws ERR_USAGE */
export function vaultSettings({ env }: WrapperWorld): VaultSettings {
  const read = (name: string) => env[`VAULT_${name}`] || env[`BAO_${name}`] || '';
  const address = read('ADDR');
  if (address === '')
    throw misconfigured(
      'VAULT_ADDR is not set',
      'set it to the address, such as https://vault.example.com:8200',
    );
  const namespace = read('NAMESPACE');
  if (namespace !== '' && !/^[\x21-\x7e]+$/.test(namespace))
    throw misconfigured('VAULT_NAMESPACE is not the name of a namespace');
  return { address, namespace, caFile: read('CACERT'), login: loginFrom(read, env['HOME']) };
}

/** A role of Kubernetes comes first: a token beside it may be left over. */
function loginFrom(read: (name: string) => string, home: string | undefined): VaultLogin {
  const role = read('KUBERNETES_ROLE');
  if (role !== '')
    return {
      kind: 'kubernetes',
      role,
      mount: pathOf(read('KUBERNETES_MOUNT') || 'kubernetes', 'VAULT_KUBERNETES_MOUNT'),
      jwtFile: read('KUBERNETES_TOKEN_FILE') || SERVICE_ACCOUNT_TOKEN,
    };
  const token = read('TOKEN');
  if (token !== '') return { kind: 'token', token: token.trim() };
  const file = read('TOKEN_FILE') || (home ? `${home}/.vault-token` : '');
  if (file !== '') return { kind: 'file', file };
  throw misconfigured(
    'there is no token for Vault',
    'set VAULT_KUBERNETES_ROLE, VAULT_TOKEN_FILE or VAULT_TOKEN, or run vault login',
  );
}

/** A path of Vault's API, escaped. @throws ERR_USAGE for a part that is empty, . or .. */
export function pathOf(path: string, what: string): string {
  const parts = path.split('/');
  if (parts.some((part) => !/^[-\w.~ ]{1,128}$/.test(part) || /^\.{1,2}$/.test(part)))
    throw misconfigured(`${what} is not a path of Vault`);
  return parts.map(encodeURIComponent).join('/');
}
