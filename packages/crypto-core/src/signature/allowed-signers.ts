import { type Bytes, decodeBase64 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import { SIGNATURE_NAMESPACE } from './signed-content.ts';
import { readSshKey, SSH_KEY_KINDS } from './ssh-key.ts';

/** One line of an allowed-signers file: a key, and who may sign with it. */
export interface AllowedSigner {
  /** Patterns of names, such as `ann@example.com` or `*@example.com`; those with `!` exclude. */
  readonly principals: readonly string[];
  /** Public key as SSH writes it. */
  readonly publicKey: Bytes;
  readonly validAfter: Date | undefined;
  readonly validBefore: Date | undefined;
}

const MOST_BYTES = 1024 * 1024;
const MOST_LINES = 10_000;
const TIME = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/;

interface Options {
  namespaces: readonly string[] | undefined;
  validAfter: Date | undefined;
  validBefore: Date | undefined;
}

/**
 * Reads an allowed-signers file of OpenSSH (ssh-keygen(1), ALLOWED SIGNERS). Lines for other purposes are
 * left out. What would be understood differently than ssh-keygen does it is refused: certificate
 * authorities, kinds of keys that do not count, unknown options, and times without Z, which depend on the
 * time zone of a machine.
 *
 * @throws ERR_KEY_INVALID naming the line, never quoting it
 * @example
 * ```js
 * import { readAllowedSigners } from '@fuin/crypto-core';
 *
 * const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIIyPRMMMvgBqGTFmxCfKBDG6Tmhdl5Ep3oGf8CdxFh3e';
 * const [signer] = await readAllowedSigners(`ann@example.com ssh-ed25519 ${key}`);
 * console.log(signer.principals[0]); // ann@example.com
 * ```
 */
export async function readAllowedSigners(text: string): Promise<AllowedSigner[]> {
  const lines = text.length > MOST_BYTES ? [] : text.split('\n');
  if (lines.length === 0 || lines.length > MOST_LINES)
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the allowed-signers file is too large');
  const signers: AllowedSigner[] = [];
  for (const [at, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const signer = await readLine(trimmed).catch((error: unknown) => {
      if (!(error instanceof SealedSecretsError)) throw error;
      throw invalid(`line ${at + 1} of the allowed-signers file: ${error.message}`);
    });
    if (signer) signers.push(signer);
  }
  return signers;
}

/** Undefined where the line is for other purposes. */
async function readLine(line: string): Promise<AllowedSigner | undefined> {
  const [, names = '', rest = ''] = /^("[^"]*"|\S+)\s+(.*)$/.exec(line) ?? [];
  const principals = names
    .replaceAll('"', '')
    .split(',')
    .filter((name) => name !== '');
  if (principals.length === 0 || rest === '') throw invalid('it lacks a principal or a key');
  const { options, key } = splitOptions(rest);
  const [kind = '', base64 = ''] = key.split(/\s+/);
  if (!SSH_KEY_KINDS.includes(kind)) throw invalid('keys of this kind do not count');
  const publicKey = keyIn(base64);
  const isThatKind = new TextDecoder().decode(publicKey.subarray(4, 4 + kind.length)) === kind;
  if (!isThatKind) throw invalid('the key is of another kind than the line says');
  await readSshKey(publicKey);
  const { namespaces, validAfter, validBefore } = options;
  if (namespaces && !matchesPatterns(SIGNATURE_NAMESPACE, namespaces)) return undefined;
  return { principals, publicKey, validAfter, validBefore };
}

/** Options stand before the kind of the key, separated by commas; their values may hold blanks. */
function splitOptions(text: string): { options: Options; key: string } {
  const options: Options = { namespaces: undefined, validAfter: undefined, validBefore: undefined };
  if (SSH_KEY_KINDS.some((kind) => text.startsWith(`${kind} `))) return { options, key: text };
  const seen = new Set<string>();
  let rest = text;
  for (let hasMore = true; hasMore; ) {
    const [whole = '', name = '', value = ''] = /^([a-z-]+)(?:="([^"]*)")?/i.exec(rest) ?? [];
    const option = name.toLowerCase();
    if (whole === '' || seen.has(option)) throw invalid('its options cannot be read');
    seen.add(option);
    readOption(option, value, options);
    rest = rest.slice(whole.length);
    hasMore = rest.startsWith(',');
    rest = hasMore ? rest.slice(1) : rest;
  }
  if (!/^\s/.test(rest)) throw invalid('its options cannot be read');
  return { options, key: rest.trim() };
}

function readOption(name: string, value: string, options: Options): void {
  if (name === 'namespaces' && value !== '') options.namespaces = value.split(',');
  else if (name === 'valid-after') options.validAfter = timeOf(value);
  else if (name === 'valid-before') options.validBefore = timeOf(value);
  else if (name === 'cert-authority')
    throw invalid('certificate authorities are not supported: list the keys');
  else throw invalid('it has an option that is not known, or a kind of key that does not count');
}

function timeOf(text: string): Date {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone] = TIME.exec(text) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (year === undefined || Number.isNaN(time.getTime()))
    throw invalid('its times are not written YYYYMMDD[HHMM[SS]]Z');
  if (zone !== 'Z') throw invalid('its times need a Z at the end, for UTC');
  return time;
}

function keyIn(base64: string): Bytes {
  try {
    return decodeBase64(base64);
  } catch {
    throw invalid('its key is not base64');
  }
}

/**
 * Whether the line of a signer counts at this time.
 *
 * @example
 * ```js
 * import { maySignAt, readAllowedSigners } from '@fuin/crypto-core';
 *
 * const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIIyPRMMMvgBqGTFmxCfKBDG6Tmhdl5Ep3oGf8CdxFh3e';
 * const [signer] = await readAllowedSigners(`ann@example.com valid-before="20270101Z" ssh-ed25519 ${key}`);
 * console.log(maySignAt(signer, new Date('2027-01-01'))); // false
 * ```
 */
export function maySignAt({ validAfter, validBefore }: AllowedSigner, now: Date): boolean {
  return (validAfter === undefined || now >= validAfter) && (validBefore === undefined || now < validBefore);
}

/** Patterns of ssh_config(5): `*`, `?`, and `!` for what is excluded whatever else matches. */
export function matchesPatterns(name: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string) => matchesGlob(name, pattern);
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

/** In time that grows with the product of the lengths, whatever the pattern. */
function matchesGlob(name: string, pattern: string): boolean {
  let [at, star, retry, to] = [0, -1, 0, 0];
  while (to < name.length) {
    if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[to]) && pattern[at] !== '*') {
      at += 1;
      to += 1;
    } else if (pattern[at] === '*') {
      star = at;
      retry = to;
      at += 1;
    } else if (star >= 0) {
      at = star + 1;
      retry += 1;
      to = retry;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', message);
}
