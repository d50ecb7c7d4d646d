import { type ErrorCode, SealedSecretsError } from '@fuin/crypto-core/errors';

/** What Go calls the errors of the file system. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left on device',
  ELOOP: 'too many levels of symbolic links',
  EBUSY: 'device or resource busy',
  EXDEV: 'invalid cross-device link',
  ETXTBSY: 'text file busy',
  EDQUOT: 'disk quota exceeded',
  ENAMETOOLONG: 'file name too long',
};

/** An error of the file system in Go's words. */
export function fileError(error: unknown, verb: string, name: string, code: ErrorCode = 'ERR_USAGE'): Error {
  const errno = (error as NodeJS.ErrnoException).code;
  if (errno === undefined) return error as Error;
  return new SealedSecretsError(code, `${verb} ${name}: ${REASONS[errno] ?? errno}`, { cause: error });
}
