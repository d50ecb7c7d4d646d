import { SealedSecretsError } from '@fuin/crypto-core';

/** A file that cannot be read, or something in it. */
export interface Failure {
  readonly where: string;
  readonly error: SealedSecretsError;
}

/**
 * What an action fails with, if it is one of our errors.
 *
 * @throws any other error, which is a bug
 */
export async function failureOf<T>(where: string, act: () => Promise<T>): Promise<T | Failure> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return { where, error };
  }
}

/** Nothing that arguments lead to is meant. @param asked name or place that was asked for; may be empty */
export function noneFound(asked: string, paths: readonly string[]): Failure {
  const where = paths.join(', ');
  const what = asked === '' ? 'SealedSecret' : `SealedSecret ${asked}`;
  const error = new SealedSecretsError('ERR_MANIFEST_INVALID', `there is no ${what} in ${where}`);
  return { where, error };
}

/** Whether something is a failure and not a result. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'error' in value && 'where' in value;
}

/** The reasons of all files that failed, each with its file, as one error. @throws it, if there are some */
export function throwFailures(failures: readonly Failure[]): void {
  const [first] = failures;
  if (!first) return;
  const messages = failures.map(({ where, error: { message } }) =>
    message.includes(where) ? message : `${where}: ${message}`,
  );
  const hints = new Set(failures.flatMap(({ error: { hint } }) => (hint === undefined ? [] : [hint])));
  const hint = [...hints].join('\n');
  throw new SealedSecretsError(first.error.code, messages.join('\nerror: '), hint === '' ? {} : { hint });
}
