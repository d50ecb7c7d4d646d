import { BlockList, isIP } from 'node:net';
import { SealedSecretsError } from '@fuin/crypto-core';

type Env = Readonly<Record<string, string | undefined>>;
/** Whether NO_PROXY exempts a host; `port` is always given. */
interface Target {
  readonly host: string;
  readonly port: string;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const SCHEMES = ['http:', 'https:', 'socks5:'];

/**
 * The proxy that the environment names for a URL, by the rules of Go's httpproxy: HTTPS_PROXY, HTTP_PROXY and
 * NO_PROXY, in capitals or not; NO_PROXY lists domains (with their subdomains), addresses, either with a
 * port, and CIDR ranges; this machine is never proxied.
 *
 * @throws ERR_USAGE for a proxy of an unknown kind
 */
export function proxyFor(url: string, env: Env): URL | undefined {
  const { protocol, hostname, port } = new URL(url);
  const proxy = variable(env, protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (!proxy) return undefined;
  const target = { host: withoutBrackets(hostname), port: port || (DEFAULT_PORTS[protocol] ?? '') };
  return isExempt(target, variable(env, 'NO_PROXY')) ? undefined : parseProxyUrl(proxy);
}

/**
 * Reads the address of a proxy; `host:port` alone is an HTTP proxy. SOCKS5 proxies resolve names themselves,
 * so socks5h is the same.
 *
 * @throws ERR_USAGE without the text, which may hold a password
 */
export function parseProxyUrl(text: string): URL {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.parse(full.replace(/^socks5h:/i, 'socks5:'));
  const reason = url ? faultOf(url) : 'it is no URL';
  if (url && reason === undefined) return url;
  throw new SealedSecretsError('ERR_USAGE', `the address of the proxy cannot be used: ${reason}`, {
    hint: 'a proxy is http://, https:// or socks5:// with a host and a port',
  });
}

function faultOf({ protocol, hostname, username, password }: URL): string | undefined {
  if (!SCHEMES.includes(protocol) || hostname === '') return `unsupported scheme "${protocol.slice(0, -1)}"`;
  try {
    decodeURIComponent(username + password);
    return undefined;
  } catch {
    return 'a % in its user or password must be %25';
  }
}

function variable(env: Env, name: string): string {
  return env[name] || env[name.toLowerCase()] || '';
}

function isExempt(target: Target, noProxy: string): boolean {
  if (target.host === 'localhost' || isLoopback(target.host)) return true;
  const entries = noProxy.split(',').map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry === '*' || matches(entry, target));
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  return isIP(host) !== 0 && LOOPBACK.check(host, familyOf(host));
}

function matches(entry: string, { host, port }: Target): boolean {
  const [network = '', bits = ''] = entry.split('/');
  if (entry.includes('/') && isIP(network) !== 0) return isIP(host) !== 0 && isWithin(host, network, bits);
  const [, bracketed, plain, wantedPort] = /^(?:\[(.*)\]|([^:]*))(?::([^:]*))?$/.exec(entry) ?? [];
  const wanted = isIP(entry) === 6 ? entry : (bracketed ?? plain ?? '');
  if (wanted === '' || (wantedPort && wantedPort !== port)) return false;
  if (isIP(wanted) !== 0 || isIP(host) !== 0)
    return isIP(wanted) !== 0 && isIP(host) !== 0 && isWithin(host, wanted);
  const domain = wanted.replace(/^\*(?=\.)/, '');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

/** Whether an address lies in a network; without `bits`, whether it is that address. */
function isWithin(address: string, network: string, bits?: string): boolean {
  const list = new BlockList();
  if (bits === undefined) list.addAddress(network, familyOf(network));
  else if (!/^\d+$/.test(bits) || Number(bits) > (isIP(network) === 4 ? 32 : 128)) return false;
  else list.addSubnet(network, Number(bits), familyOf(network));
  return list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}
