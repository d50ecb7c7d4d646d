/** A kubeconfig with one cluster and one token. */
export function kubeconfigText(server: string, certificate: string, token: string): string {
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'embedded',
          cluster: { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') },
        },
      ],
      users: [{ name: 'user', user: { token } }],
      contexts: [{ name: 'embedded', context: { cluster: 'embedded', user: 'user' } }],
      'current-context': 'embedded',
    },
    null,
    2,
  )}\n`;
}
