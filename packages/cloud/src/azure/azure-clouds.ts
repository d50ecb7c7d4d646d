/** A cloud of Azure. */
interface AzureCloud {
  /** Where its tokens come from. */
  readonly authority: string;
  /** What it calls Key Vault and Managed HSM. A token for one of them is sent to no other host. */
  readonly domains: readonly string[];
}

const CLOUDS: readonly AzureCloud[] = [
  { authority: 'https://login.microsoftonline.com', domains: ['vault.azure.net', 'managedhsm.azure.net'] },
  { authority: 'https://login.chinacloudapi.cn', domains: ['vault.azure.cn', 'managedhsm.azure.cn'] },
  {
    authority: 'https://login.microsoftonline.us',
    domains: ['vault.usgovcloudapi.net', 'managedhsm.usgovcloudapi.net'],
  },
];

/** A vault, or a Managed HSM, and who gives tokens for it. */
export interface AzureVault {
  /** Its address, without a slash at the end. */
  readonly origin: string;
  /** What a token must be for, such as `https://vault.azure.net`. */
  readonly resource: string;
  readonly authority: string;
}

/** The vault that a host name means; undefined for any host outside the clouds of Azure. */
export function azureVault(host: string): AzureVault | undefined {
  const [, name, domain = ''] = /^([a-z][a-z0-9-]{1,22}[a-z0-9])\.([a-z.]{1,40})$/.exec(host) ?? [];
  const cloud = CLOUDS.find(({ domains }) => domains.includes(domain));
  if (name === undefined || !cloud) return undefined;
  return { origin: `https://${host}`, resource: `https://${domain}`, authority: cloud.authority };
}
