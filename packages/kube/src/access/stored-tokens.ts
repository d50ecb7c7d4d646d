import { randomUUID } from 'node:crypto';
import { chmod, chown, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { SealedSecretsError } from '@fuin/crypto-core';
import { recordOf } from '../record.ts';
import type { Fields, UserOrigin } from './server-access.ts';

/** What an OIDC provider issued; the names are those of a kubeconfig. */
export interface Tokens {
  readonly 'id-token': string;
  readonly 'refresh-token'?: string;
}

/** Fields that say for whom, and by whom, the tokens were issued. */
const IDENTITY = ['idp-issuer-url', 'client-id'];

/**
 * Puts new tokens into a kubeconfig. They can be used without: a kubeconfig that cannot be written or edited
 * stays as it is, and so does one whose user was changed to another provider in the meantime.
 *
 * @param config the fields of the provider as they were when the tokens were asked for
 */
export async function storeTokens({ file, name }: UserOrigin, config: Fields, tokens: Tokens): Promise<void> {
  try {
    const path = await realpath(file);
    const edited = await withTokens(await readFile(path, 'utf8'), { name, config }, tokens);
    if (edited !== undefined) await replace(path, edited);
  } catch (error) {
    const isOfFiles = typeof (error as NodeJS.ErrnoException).syscall === 'string';
    if (!isOfFiles && !(error instanceof SealedSecretsError)) throw error;
  }
}

interface ProviderUser {
  readonly name: string;
  readonly config: Fields;
}

async function withTokens(source: string, user: ProviderUser, tokens: Tokens): Promise<string | undefined> {
  const [{ editYaml }, { treesOf }, { parseYaml }] = await Promise.all([
    import('@fuin/manifests/edit-yaml'),
    import('@fuin/manifests/edits'),
    import('@fuin/manifests/read-yaml'),
  ]);
  const usersIn = (text: string) => {
    const { users } = recordOf(parseYaml(text, 'kubeconfig', 'any')[0]?.value);
    return Array.isArray(users) ? users.map(recordOf) : [];
  };
  const users = usersIn(source);
  const index = users.findIndex(({ name }) => name === user.name);
  if (!hasFields(users[index], pick(user.config, IDENTITY))) return undefined;
  const edits = Object.entries(tokens).map(([field, text]) => ({
    document: 0,
    path: ['users', String(index), 'user', 'auth-provider', 'config', field],
    text,
  }));
  const edited = editYaml(source, treesOf(edits));
  return hasFields(usersIn(edited)[index], tokens) ? edited : undefined;
}

/** Whether the OIDC provider of a user has these fields. */
function hasFields(user: Fields | undefined, wanted: object): boolean {
  const provider = recordOf(recordOf(user?.['user'])['auth-provider']);
  const config = recordOf(provider['config']);
  return (
    provider['name'] === 'oidc' && Object.entries(wanted).every(([name, value]) => config[name] === value)
  );
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

/** In one step; the new file has owner and mode of the old one. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const { mode, uid, gid } = await stat(path);
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await chown(temporary, uid, gid).catch(() => undefined); // only root may give files away
    await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
