import { type Cases, certificate, config, PAIR, token } from './kubeconfig-cases.ts';

const V1 = 'client.authentication.k8s.io/v1';
const plugin = (status: object, more = ''): string =>
  `#!/bin/sh\n${more}\necho '${JSON.stringify({ apiVersion: V1, kind: 'ExecCredential', status })}'\n`;
const exec = { apiVersion: V1, command: './plugin', interactiveMode: 'Never' };
const jwt = (exp: number) => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.c2ln`;

/** Plugins and auth providers: what kubectl and our programs do alike. */
export const PLUGINS_ALIKE: Cases = {
  'a plugin that gives a token': (server) => ({
    files: { config: config(server, { user: { exec } }), plugin: plugin({ token: 'p' }) },
  }),
  'a plugin that gives a certificate': (server) => ({
    files: {
      config: config(server, { user: { exec } }),
      plugin: plugin({ clientCertificateData: PAIR.certificate, clientKeyData: PAIR.key }),
    },
  }),
  'a plugin that gives a token that has expired': (server) => ({
    files: {
      config: config(server, { user: { exec } }),
      plugin: plugin({ token: 'p', expirationTimestamp: '2001-01-01T00:00:00Z' }),
    },
  }),
  'a plugin that gives half a pair': (server) => ({
    files: { config: config(server, { user: { exec } }), plugin: plugin({ clientKeyData: PAIR.key }) },
  }),
  'a plugin that gives nothing': (server) => ({
    files: { config: config(server, { user: { exec } }), plugin: plugin({}) },
  }),
  'a plugin that prints something else': (server) => ({
    files: { config: config(server, { user: { exec } }), plugin: '#!/bin/sh\necho hello\n' },
  }),
  'a plugin that fails': (server) => ({
    files: { config: config(server, { user: { exec } }), plugin: plugin({ token: 'p' }, 'exit 3') },
  }),
  'a plugin that is missing': (server) => ({ files: { config: config(server, { user: { exec } }) } }),
  'a plugin of another version': (server) => ({
    files: {
      config: config(server, {
        user: { exec: { ...exec, apiVersion: 'client.authentication.k8s.io/v1beta1' } },
      }),
      plugin: plugin({ token: 'p' }),
    },
  }),
  'a plugin without a version': (server) => ({
    files: {
      config: config(server, { user: { exec: { ...exec, apiVersion: undefined } } }),
      plugin: plugin({ token: 'p' }),
    },
  }),
  'a plugin that needs a terminal': (server) => ({
    files: {
      config: config(server, { user: { exec: { ...exec, interactiveMode: 'Always' } } }),
      plugin: plugin({ token: 'p' }),
    },
  }),
  'a plugin of an unknown mode': (server) => ({
    files: {
      config: config(server, { user: { exec: { ...exec, interactiveMode: 'Often' } } }),
      plugin: plugin({ token: 'p' }),
    },
  }),
  'a plugin with arguments and variables': (server) => ({
    files: {
      config: config(server, {
        user: { exec: { ...exec, args: ['a b'], env: [{ name: 'X', value: 'y' }] } },
      }),
      plugin: `#!/bin/sh\necho '{"apiVersion":"${V1}","kind":"ExecCredential","status":{"token":"'"$1$X"'"}}'\n`,
    },
  }),
  'a plugin beside a token': (server) => ({
    files: { config: config(server, { user: { ...token, exec } }), plugin: plugin({ token: 'p' }) },
  }),
  'a plugin beside a password': (server) => ({
    files: {
      config: config(server, { user: { username: 'u', password: 'p', exec } }),
      plugin: plugin({ token: 'p' }),
    },
  }),
  'a plugin beside a certificate': (server) => ({
    files: { config: config(server, { user: { ...certificate, exec } }), plugin: plugin({ token: 'p' }) },
  }),
  'an OIDC provider with a token that lasts': (server) => ({
    files: {
      config: config(server, {
        user: {
          'auth-provider': {
            name: 'oidc',
            config: { 'idp-issuer-url': 'https://i', 'client-id': 'c', 'id-token': jwt(4e9) },
          },
        },
      }),
    },
  }),
  'an OIDC provider with an expired token': (server) => ({
    files: {
      config: config(server, {
        user: {
          'auth-provider': {
            name: 'oidc',
            config: { 'idp-issuer-url': 'https://i', 'client-id': 'c', 'id-token': jwt(1e9) },
          },
        },
      }),
    },
  }),
  'a provider that was removed': (server) => ({
    files: { config: config(server, { user: { 'auth-provider': { name: 'gcp' } } }) },
  }),
};
