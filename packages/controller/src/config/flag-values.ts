import { ANNOTATIONS, isNamespaceName } from '@fuin/crypto-core';

/** Where a server listens; without a host on every interface. */
export interface Address {
  readonly host: string | undefined;
  readonly port: number;
}

/** What Kubernetes accepts as name of a label or annotation, and as value of a label. */
const METADATA_NAME =
  /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?$/;
const STEERING_PREFIX = 'sealedsecrets.bitnami.com/';

/** RFC 1123 with a numeric zone, as Go's time.RFC1123Z prints it. */
const RFC1123Z = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/;

/** Reads `host:port`, `:port` or `[v6]:port`. @throws Error that says what is wrong */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535)
    throw new Error(`address ${JSON.stringify(text)}: must be host:port`);
  return { host: bracketed || plain || undefined, port: Number(port) };
}

/** The inverse of {@link parseAddress}: an IPv6 address in brackets, as Go prints it. */
export function formatAddress({ host = '', port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads `k=v,k=v`; the empty string is the empty map. @throws Error that names the part without `=` */
export function parsePairs(text: string): Readonly<Record<string, string>> {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  const pairs = parts.map((part) => {
    const equals = part.indexOf('=');
    if (equals <= 0) throw new Error(`${JSON.stringify(part)} is not of the form key=value`);
    return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const;
  });
  return Object.fromEntries(pairs);
}

/** Reads labels for every Secret. @throws Error even for labels that the API server would refuse */
export function parseSecretLabels(text: string): Readonly<Record<string, string>> {
  const labels = parsePairs(text);
  for (const [name, value] of Object.entries(labels)) {
    checkName(name, []);
    if (!LABEL_VALUE.test(value)) throw new Error(`${JSON.stringify(value)} cannot be the value of a label`);
  }
  return labels;
}

/** Reads annotations for every Secret. @throws Error as for labels */
export function parseSecretAnnotations(text: string): Readonly<Record<string, string>> {
  const annotations = parsePairs(text);
  for (const name of Object.keys(annotations)) checkName(name, [ANNOTATIONS.managed]);
  return annotations;
}

/** Of the names that control the controller, only those that do no harm on every Secret. */
function checkName(name: string, allowed: readonly string[]): void {
  if (!METADATA_NAME.test(name)) throw new Error(`${JSON.stringify(name)} cannot be a name of metadata`);
  if (name.startsWith(STEERING_PREFIX) && !allowed.includes(name))
    throw new Error(`${name} cannot be on every Secret`);
}

/** Reads the cut-off time; undefined for the empty string. @throws Error for any other format */
export function parseCutoff(text: string): Date | undefined {
  if (text === '') return undefined;
  const cutoff = new Date(RFC1123Z.test(text) ? text : Number.NaN);
  if (!Number.isNaN(cutoff.getTime())) return cutoff;
  throw new Error('must be a time like "Mon, 02 Jan 2006 15:04:05 -0700"');
}

/** The oldest format of values that is accepted. */
export interface MinFormat {
  /** Where it counts; undefined for all namespaces. */
  readonly namespaces: ReadonlySet<string> | undefined;
}

/**
 * Reads `v1` (everything is accepted: undefined), `v2`, or `v2:NAMESPACE,NAMESPACE`.
 *
 * @throws Error for anything else
 */
export function parseMinFormat(text: string): MinFormat | undefined {
  if (text === 'v1') return undefined;
  if (text === 'v2') return { namespaces: undefined };
  const names = text.startsWith('v2:') ? parseNames(text.slice('v2:'.length)) : [];
  if (names.length === 0) throw new Error('must be v1, v2 or v2:NAMESPACE,NAMESPACE');
  const wrong = names.find((name) => !isNamespaceName(name));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} cannot be the name of a namespace`);
  return { namespaces: new Set(names) };
}

/** The names of a comma-separated list, without blanks and duplicates. */
export function parseNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}
