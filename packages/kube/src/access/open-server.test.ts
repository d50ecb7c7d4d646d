import { describe, expect, it } from 'vitest';
import { openServer } from './open-server.ts';
import type { ClusterAccess } from './server-access.ts';

const HOST = { env: {}, stdin: { isTty: false }, stderr: { isTty: false } };

async function readCredentials(context: ClusterAccess) {
  const { tls, authorization } = await openServer(context, HOST);
  return { tls: await tls(), headers: await authorization() };
}

describe('openServer', () => {
  const access = (cluster: object, user: object): ClusterAccess => ({
    contextName: 'c',
    namespace: 'n',
    cluster: { server: 'https://s', ...cluster },
    user: { ...user },
  });
  it('prefers inline certificates to files', async () => {
    const cluster = {
      'certificate-authority-data': btoa('CA'),
      'certificate-authority': '/nope',
      'tls-server-name': 'name',
    };
    const user = { 'client-certificate-data': btoa('CERT'), 'client-key-data': btoa('KEY') };
    const { tls, headers } = await readCredentials(access(cluster, user));
    expect(tls).toEqual({
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      servername: 'name',
    });
    expect(headers).toEqual({});
  });
  it('sends passwords and whom to impersonate', async () => {
    const { headers } = await readCredentials(
      access(
        {},
        {
          username: 'u',
          password: 'p',
          as: 'me',
          'as-uid': '7',
          'as-groups': ['a', 'b'],
          'as-user-extra': { 'acme.com/Project x%é()': ['one', 'two'], scopes: ['view'] },
        },
      ),
    );
    expect(headers).toEqual({
      authorization: `Basic ${btoa('u:p')}`,
      'impersonate-user': 'me',
      'impersonate-uid': '7',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-acme.com%2FProject%20x%25%C3%A9%28%29': ['one', 'two'],
      'impersonate-extra-scopes': ['view'],
    });
  });
  it.each([{ 'as-groups': ['a'] }, { 'as-uid': '7' }, { 'as-user-extra': { a: ['b'] } }])(
    'refuses to impersonate nobody with %j',
    async (user) => {
      await expect(readCredentials(access({}, user))).rejects.toMatchObject({
        code: 'ERR_USAGE',
        message: 'requesting uid, groups or user-extra without impersonating a user',
      });
    },
  );
  it('refuses to skip the check of certificates where a CA is given', async () => {
    const cluster = { 'insecure-skip-tls-verify': true, 'certificate-authority-data': btoa('CA') };
    await expect(readCredentials(access(cluster, {}))).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'specifying a root certificates file with the insecure flag is not allowed',
    });
  });
  it.each(['http://[', 'https://u:hunter2@s:99999', ' '])(
    'refuses the server %j without its text',
    async (server) => {
      await expect(openServer(access({ server }, {}), HOST)).rejects.toMatchObject({
        code: 'ERR_USAGE',
        message: 'host must be a URL or a host:port pair',
      });
    },
  );
  it('says which file it cannot read', async () => {
    await expect(readCredentials(access({ 'certificate-authority': '/nope' }, {}))).rejects.toMatchObject({
      message: 'unable to read certificate-authority /nope: no such file or directory',
    });
  });
});
