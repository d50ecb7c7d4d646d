/** Where a server listens; without a host on every interface. */
export interface Address {
  readonly host: string | undefined;
  readonly port: number;
}

/** RFC 1123 with a numeric zone, as Go's time.RFC1123Z prints it. */
const RFC1123Z = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/;

/** Reads `host:port`, `:port` or `[v6]:port`. @throws Error saying what is wrong */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535)
    throw new Error(`address ${JSON.stringify(text)}: must be host:port`);
  return { host: bracketed || plain || undefined, port: Number(port) };
}

/** Reads `k=v,k=v`; the empty text is the empty map. @throws Error naming the part without `=` */
export function parsePairs(text: string): Readonly<Record<string, string>> {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  const pairs = parts.map((part) => {
    const equals = part.indexOf('=');
    if (equals <= 0) throw new Error(`${JSON.stringify(part)} is not of the form key=value`);
    return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const;
  });
  return Object.fromEntries(pairs);
}

/** Reads the cut-off time; undefined for the empty text. @throws Error for any other format */
export function parseCutoff(text: string): Date | undefined {
  if (text === '') return undefined;
  const cutoff = new Date(RFC1123Z.test(text) ? text : Number.NaN);
  if (!Number.isNaN(cutoff.getTime())) return cutoff;
  throw new Error('must be a time like "Mon, 02 Jan 2006 15:04:05 -0700"');
}

/** The names of a comma-separated list, without blanks and doubles. */
export function parseNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}
