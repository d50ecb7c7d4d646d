import { resolve } from 'node:path';
import type { Fields } from './server-access.ts';

/** Flags of the command line, and where relative file names in them start. */
export interface Overrides {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly cwd: string;
}

/** Fields that hold file names, relative to the kubeconfig they stand in. */
export const FILE_FIELDS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];
const TRUST_FIELDS = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'];
const CLUSTER_FLAGS = ['server', 'certificate-authority', 'tls-server-name', 'proxy-url'];
const USER_FLAGS = ['token', 'username', 'password', 'client-certificate', 'client-key', 'as', 'as-uid'];

/**
 * The cluster as the flags want it. As in client-go, flags about trust replace all that the kubeconfig says
 * of it, and another server does not have the name of the first.
 */
export function overriddenCluster(fields: Fields, overrides: Overrides): Fields {
  const { flags } = overrides;
  const result: Record<string, unknown> = { ...fields };
  if (flags['insecure-skip-tls-verify'] === true || flags['certificate-authority']) {
    for (const name of TRUST_FIELDS) delete result[name];
  }
  if (flags['server']) delete result['tls-server-name'];
  if (flags['insecure-skip-tls-verify'] === true) result['insecure-skip-tls-verify'] = true;
  return overridden(result, CLUSTER_FLAGS, overrides);
}

/** The user as the flags want it. */
export function overriddenUser(fields: Fields, overrides: Overrides): Fields {
  const groups = overrides.flags['as-group'];
  const result = overridden(fields, USER_FLAGS, overrides);
  return Array.isArray(groups) && groups.length > 0 ? { ...result, 'as-groups': groups } : result;
}

/** A flag wins over the field and over the field's other form, `<field>-data` or `tokenFile`. */
function overridden(fields: Fields, names: readonly string[], { flags, cwd }: Overrides): Fields {
  const result: Record<string, unknown> = { ...fields };
  for (const name of names) {
    const value = flags[name];
    if (typeof value !== 'string' || value === '') continue;
    result[name] = FILE_FIELDS.includes(name) ? resolve(cwd, value) : value;
    delete result[`${name}-data`];
    if (name === 'token') delete result['tokenFile'];
  }
  return result;
}
