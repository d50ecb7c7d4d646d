/** What one member of a line holds: for the reference and the JSON schema. */
export interface MemberRow {
  readonly says: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Texts are cut at this many characters, names of items too; longer ones end with `...`. */
export const MAX_TEXT_LENGTH = 253;
/** As many names of items as a line lists; `itemCount` counts all. */
export const MAX_ITEMS = 32;
/** As many keys as a line lists. */
export const MAX_KEYS = 16;

const text = { type: 'string', maxLength: MAX_TEXT_LENGTH + '...'.length };
const count = { type: 'integer', minimum: 0 };
const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const texts = (most: number) => ({ type: 'array', items: text, maxItems: most });

/** The members that a line may have beside those of the chain. */
export const MEMBERS = {
  object: {
    says: 'The object: kind, namespace and name; uid, generation and resourceVersion as far as they are known',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['kind', 'namespace', 'name'],
      properties: {
        ...{ kind: { enum: ['SealedSecret', 'Secret'] }, namespace: text, name: text },
        ...{ uid: text, generation: count, resourceVersion: text },
      },
    },
  },
  items: { says: `Names of items, the first ${MAX_ITEMS}. Never a value`, schema: texts(MAX_ITEMS) },
  itemCount: { says: 'How many items there are in all', schema: count },
  keys: {
    says: `Fingerprints of the sealing keys that opened the values, ${MAX_KEYS} at most`,
    schema: texts(MAX_KEYS),
  },
  key: { says: 'Fingerprint of the sealing key', schema: text },
  action: {
    says: 'What is about to be done, or was done about a change',
    schema: { enum: ['create', 'update', 'delete', 'repair', 'warn'] },
  },
  reason: {
    says: 'Why: a word of the closed list of reasons below',
    schema: { type: 'string', pattern: '^[A-Za-z_]{1,64}$' },
  },
  actor: {
    says: 'Who changed the spec of the SealedSecret last, by metadata.managedFields: the name that the client chose for itself, and no proof',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['manager'],
      properties: { manager: text, operation: text, time: text },
    },
  },
  identity: { says: 'Name of the replica', schema: text },
  version: { says: 'Version of the controller', schema: text },
  torn: {
    says: 'What stood behind the last whole line, after a crash in the middle of a write: bytes and their SHA-256',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['bytes', 'sha256'],
      properties: { bytes: count, sha256: hash },
    },
  },
  route: { says: 'Path of the HTTP route', schema: text },
  peer: {
    says: 'Address of the HTTP peer, an IPv6 address as its /64; `others` where there were too many',
    schema: text,
  },
  code: { says: 'HTTP status of the answers', schema: count },
  count: { says: 'How many requests, or lines', schema: count },
  objects: {
    says: 'Of bulk requests: how many SealedSecrets had which status',
    schema: { type: 'object', additionalProperties: count },
  },
} as const satisfies Readonly<Record<string, MemberRow>>;

/** A member of the table. */
export type Member = keyof typeof MEMBERS;

/** What one kind of event means, and the members that its lines may have. */
export interface KindRow {
  readonly says: string;
  readonly members: readonly Member[];
}

/** Every kind of event. None is renamed or reused; new ones need no new version of the format. */
// biome-ignore format: one row per kind
export const KINDS = {
  'controller.started': { says: 'A process began to write. Its chain goes on from the last line of the file, or begins anew', members: ['identity', 'version', 'torn'] },
  'controller.stopped': { says: 'A process ended in order. Without such a line it crashed', members: ['identity'] },
  'leader.started': { says: 'This replica writes Secrets from now on', members: ['identity'] },
  'leader.stopped': { says: 'This replica writes no Secrets any more', members: ['identity'] },
  'key.created': { says: 'A new sealing key was written', members: ['object', 'key'] },
  'key.loaded': { says: 'A sealing key was read from its Secret and can open values', members: ['object', 'key'] },
  'key.refused': { says: 'A key Secret is not used: it cannot be read, or a SealedSecret planted it', members: ['object', 'reason'] },
  'key.retired': { says: 'A sealing key was retired by kubeseal keys retire', members: ['object', 'key'] },
  'key.removed': { says: 'A key Secret was deleted, or is no longer marked active', members: ['object', 'key'] },
  'key.unwrapped': { says: 'A key service unwrapped a sealing key', members: ['object', 'key'] },
  'key.unwrap-failed': { says: 'A key service did not unwrap a sealing key. The same reason is reported once until it changes', members: ['object', 'reason'] },
  'sealedsecret.opened': { says: 'All values of a SealedSecret were decrypted', members: ['object', 'items', 'itemCount', 'keys', 'actor'] },
  'secret.created': { says: 'A Secret was created', members: ['object', 'items', 'itemCount'] },
  'secret.updated': { says: 'A Secret was replaced', members: ['object', 'items', 'itemCount'] },
  'secret.deleted': { says: 'A Secret was deleted (--old-gc-behavior)', members: ['object'] },
  'secret.refused': { says: 'A SealedSecret did not become a Secret. The same reason is reported once for each generation', members: ['object', 'reason', 'items', 'itemCount', 'actor'] },
  'secret.drifted': { says: 'Something else had changed a Secret', members: ['object', 'action'] },
  'status.refused': { says: 'The status of a SealedSecret could not be written. The same reason is reported once for each generation', members: ['object', 'reason'] },
  'write.planned': { says: 'A Secret is about to be written (--audit-failure=refuse)', members: ['object', 'action'] },
  'http.requests': { says: 'Requests to verify, rotate and bulk of the last 10 seconds with the same peer and answer', members: ['route', 'peer', 'code', 'count', 'objects'] },
  'audit.lost': { says: 'The log could not be written, and these events had no more room in memory', members: ['count'] },
  'audit.file-changed': { says: 'The file was replaced (log rotation), or something else changed its length', members: ['reason'] },
} as const satisfies Readonly<Record<string, KindRow>>;

/** A kind of event. */
export type AuditKind = keyof typeof KINDS;
