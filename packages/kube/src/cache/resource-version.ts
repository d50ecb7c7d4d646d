const DECIMAL = /^\d+$/;

/**
 * True if `version` is older than `reference`. Versions of one collection are decimal numbers that only grow
 * (guaranteed since Kubernetes 1.35, and always true of etcd). Anything else counts as not older.
 */
export function isOlder(version: string | undefined, reference: string | undefined): boolean {
  if (version === undefined || reference === undefined) return false;
  if (!DECIMAL.test(version) || !DECIMAL.test(reference)) return false;
  if (version.length !== reference.length) return version.length < reference.length;
  return version < reference;
}
