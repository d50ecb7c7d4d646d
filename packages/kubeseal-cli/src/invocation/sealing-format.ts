import type { ValueFormat } from '@fuin/crypto-core';
import type { FlagValues } from '@fuin/flags/parsing';
import type { Io } from '../io/io.ts';
import type { CERTIFICATE_FLAGS } from './flags/flags.ts';
import type { VALUE_FLAGS } from './flags/sealing-flags.ts';
import { variableOf } from './options.ts';
import { usageError } from './usage-error.ts';

/** In which format values are sealed, for whom where that is v2, and what is added to each. */
export interface SealingFormat {
  /** What flags or settings ask for; undefined where they leave it to what is there, and to v1. */
  readonly asked: ValueFormat | undefined;
  /** Whether the command line itself says it. */
  readonly isTyped: boolean;
  /** Recipients of v2, and files of them; empty means the key of the controller. */
  readonly recipients: readonly string[];
  readonly bindsItem: boolean;
  /** After this moment nobody should use the values. */
  readonly expiresAt: Date | undefined;
}

/** Of what seals nothing, or leaves the format of values as it is. */
export const KEPT_FORMAT: SealingFormat = {
  asked: undefined,
  isTyped: false,
  recipients: [],
  bindsItem: false,
  expiresAt: undefined,
};

/** What a settings file says about the format. */
export interface FormatSetting {
  readonly version: ValueFormat;
  /** `.kubeseal.yaml line 7`. */
  readonly where: string;
}

/** The flags about the format; commands without them seal what they seal in v1. */
export interface FormatGiven {
  readonly flags: Partial<FlagValues<typeof VALUE_FLAGS>> &
    Pick<FlagValues<typeof CERTIFICATE_FLAGS>, 'cert' | 'cert-fingerprint'>;
  readonly changed: ReadonlySet<string>;
}

const VERSIONS = { 1: 'v1', 2: 'v2' } as const;

/**
 * The format that flags, settings and variables ask for, in this order. A pinned recipient is never replaced
 * by a certificate, and a certificate never by a recipient.
 *
 * @throws ERR_USAGE where two of them contradict each other
 */
export function sealingFormatOf(
  { flags, changed }: FormatGiven,
  io: Pick<Io, 'env' | 'now'>,
  setting?: FormatSetting,
): SealingFormat {
  const recipients = flags.recipient ?? [];
  const given = changed.has('format-version') ? VERSIONS[flags['format-version'] ?? 1] : undefined;
  const isTyped = given !== undefined && flags['format-version'] !== io.env[variableOf('format-version')];
  if (recipients.length > 0 && isTyped && given === 'v1')
    throw usageError('--recipient is a key of format 2, and --format-version is 1', 'leave one of them out');
  const typed = recipients.length > 0 ? 'v2' : isTyped ? given : undefined;
  const asked = typed ?? setting?.version ?? given;
  if (asked === 'v2') refuseCertificate(flags, recipients, typed === undefined ? setting : undefined);
  const terms = termsOf(flags, io.now());
  if (asked !== 'v2') refuseTerms(terms);
  return { asked, isTyped: typed !== undefined, recipients, ...terms };
}

/** @throws ERR_USAGE: what is sealed for RSA does not withstand what format 2 is for */
function refuseCertificate(
  { cert, 'cert-fingerprint': pin }: FormatGiven['flags'],
  recipients: readonly string[],
  setting: FormatSetting | undefined,
): void {
  const who = setting ? `${setting.where} asks for format v2` : 'format 2 is asked for';
  if (cert !== '')
    throw usageError(
      `${who}, and --cert (or ${variableOf('cert')}) is a certificate of format 1`,
      'give --recipient fuin1... or the cluster instead, or --format-version 1',
    );
  if (recipients.length > 0 && pin !== '')
    throw usageError(
      `--cert-fingerprint (or ${variableOf('cert-fingerprint')}) pins a certificate, and --recipient is none`,
      'a recipient pins itself: leave --cert-fingerprint out',
    );
}

type Terms = Pick<SealingFormat, 'bindsItem' | 'expiresAt'>;

function termsOf({ expires = '', 'bind-item': bindsItem = false }: FormatGiven['flags'], now: Date): Terms {
  return { bindsItem, expiresAt: expires === '' ? undefined : expiryOf(expires, now) };
}

/** @throws ERR_USAGE for terms that format 1 cannot keep */
export function refuseTerms({ bindsItem, expiresAt }: Terms): void {
  const flag = expiresAt ? '--expires' : bindsItem ? '--bind-item' : undefined;
  if (flag !== undefined)
    throw usageError(
      `${flag} needs format 2, and the values are sealed in format 1`,
      'give --format-version 2',
    );
}

const UNITS_MS = { h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/**
 * The moment that --expires means; a day is meant from its first second in UTC.
 *
 * @throws ERR_USAGE for another text, and for a moment that has passed
 */
export function expiryOf(text: string, now: Date): Date {
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})([hdw])$/.exec(text) ?? [];
  const at =
    unit === ''
      ? momentOf(text)
      : new Date(
          Math.floor((now.getTime() + Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS]) / 1000) * 1000,
        );
  if (!at)
    throw usageError(
      '--expires is neither a day, a time nor a duration',
      'write it like 2027-01-31, 2027-01-31T12:00:00Z, 12h, 90d or 4w',
    );
  if (at.getTime() <= now.getTime()) throw usageError(`--expires is ${at.toISOString()}, which has passed`);
  return at;
}

/** A day or a time of RFC 3339 with seconds; Date accepts the 31st of every month, so days are compared. */
function momentOf(text: string): Date | undefined {
  const [, day = '', time] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2}))?$/.exec(text) ?? [];
  const start = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== day) return undefined;
  const at = time === undefined ? start : new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
