import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openKubeconfig } from './kubeconfig.ts';
import type { ClusterAccess } from './server-access.ts';

/** What a kubeconfig of that text, in a file called `c`, gives. */
async function resolveIn(c: string): Promise<ClusterAccess> {
  const cwd = await mkdtemp(join(tmpdir(), 'kubeseal-kubeconfig-'));
  await writeFile(join(cwd, 'c'), c);
  return openKubeconfig({ flags: { kubeconfig: 'c' }, env: { HOME: cwd }, cwd }).access();
}

describe('a kubeconfig', () => {
  it.each([
    ['number', 'namespace: 123', 'contexts[0].context.namespace is a number, not a string'],
    ['octal number', 'namespace: 010', 'contexts[0].context.namespace is a number, not a string'],
    ['word of YAML 1.1', 'namespace: yes', 'contexts[0].context.namespace is true or false, not a string'],
    ['list', 'namespace: [shop]', 'contexts[0].context.namespace is a list, not a string'],
    ['map', 'cluster: {a: b}', 'contexts[0].context.cluster is an object, not a string'],
  ])(
    'refuses a %s where a context has a text: passed over, it would seal for default',
    async (_, fields, reason) => {
      const c = `contexts: [{name: c, context: {${fields}}}]\ncurrent-context: c\n`;
      const resolving = resolveIn(c);
      await expect(resolving).rejects.toMatchObject({
        code: 'ERR_USAGE',
        message: `error loading config file "c": ${reason}`,
      });
    },
  );
  it.each([
    ['token: 12345', 'token is a number, not a string'],
    ['password: 0x10', 'password is a number, not a string'],
    ['as-groups: admins', 'as-groups is a string, not a list'],
    ['as-groups: [1]', 'as-groups[0] is a number, not a string'],
    ['as-user-extra: {a: b}', 'as-user-extra.a is a string, not a list'],
    ['exec: {command: 5}', 'exec.command is a number, not a string'],
    ['exec: {env: [{name: A, value: 5}]}', 'exec.env[0].value is a number, not a string'],
    ['exec: plugin', 'exec is a string, not an object'],
    ['client-key-data: "***"', 'client-key-data is not base64'],
  ])('refuses a user with %s', async (fields, reason) => {
    const c = `users: [{name: u, user: {${fields}}}]\n`;
    await expect(resolveIn(c)).rejects.toMatchObject({
      message: `error loading config file "c": users[0].user.${reason}`,
    });
  });
  it.each([
    [
      'clusters: [{name: c, cluster: {insecure-skip-tls-verify: "true"}}]',
      'clusters[0].cluster.insecure-skip-tls-verify is a string, not true or false',
    ],
    ['clusters: [{name: 1, cluster: {}}]', 'clusters[0].name is a number, not a string'],
    ['clusters: {a: b}', 'clusters is an object, not a list'],
    ['users: [u]', 'users[0] is a string, not an object'],
    ['current-context: 5', 'current-context is a number, not a string'],
  ])('refuses %s', async (c, reason) => {
    await expect(resolveIn(c)).rejects.toMatchObject({
      message: `error loading config file "c": ${reason}`,
    });
  });
  it('takes null for absent, dates for texts and texts by their tag, as kubectl', async () => {
    const c = `current-context: c
contexts: [{name: c, context: {cluster: c, user: u, namespace: 2001-01-01}}]
clusters: [{name: c, cluster: {server: https://s, certificate-authority-data: null}}]
users: [{name: u, user: {token: !!str 123, exec: null}}, {name: v, user: null}]
`;
    expect(await resolveIn(c)).toMatchObject({
      namespace: '2001-01-01',
      user: { token: '123' },
    });
  });
});
