import type { Fields } from './object.ts';

/** What names a kind in an error: its group, its kind and its plural. */
export interface KindName {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/** One entry of status.details.causes. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** A meta/v1 Status as the API server answers it. */
export interface StatusBody extends Fields {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Fields;
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: Fields;
  code: number;
}

/** A failure that reaches the client as a Status. */
export class ApiError extends Error {
  readonly status: StatusBody;
  readonly headers: Record<string, string>;

  constructor(
    fields: { code: number; reason?: string; message: string; details?: Fields },
    headers: Record<string, string> = {},
  ) {
    super(fields.message);
    const { code, reason, message, details } = fields;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason ? { reason } : {}),
      ...(details ? { details } : {}),
      code,
    };
    this.headers = headers;
  }
}

const qualified = ({ group }: KindName, word: string): string => (group ? `${word}.${group}` : word);

const details = ({ group, plural }: KindName, name: string): Fields => ({
  ...(name ? { name } : {}),
  ...(group ? { group } : {}),
  kind: plural,
});

/** The errors of k8s.io/apimachinery/pkg/api/errors, with their texts. */
export const errors = {
  badRequest: (message: string) => new ApiError({ code: 400, reason: 'BadRequest', message }),
  unauthorized: () => new ApiError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' }),
  forbidden: (kind: KindName, name: string, why: string, causes?: StatusCause[]) =>
    new ApiError({
      code: 403,
      reason: 'Forbidden',
      message: name
        ? `${qualified(kind, kind.plural)} ${JSON.stringify(name)} is forbidden: ${why}`
        : `${qualified(kind, kind.plural)} is forbidden: ${why}`,
      details: { ...details(kind, name), ...(causes ? { causes } : {}) },
    }),
  forbiddenPath: (message: string) =>
    new ApiError({ code: 403, reason: 'Forbidden', message: `forbidden: ${message}`, details: {} }),
  notFound: (kind: KindName, name: string) =>
    new ApiError({
      code: 404,
      reason: 'NotFound',
      message: `${qualified(kind, kind.plural)} ${JSON.stringify(name)} not found`,
      details: details(kind, name),
    }),
  alreadyExists: (kind: KindName, name: string) =>
    new ApiError({
      code: 409,
      reason: 'AlreadyExists',
      message: `${qualified(kind, kind.plural)} ${JSON.stringify(name)} already exists`,
      details: details(kind, name),
    }),
  conflict: (kind: KindName, name: string, why: string) =>
    new ApiError({
      code: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on ${qualified(kind, kind.plural)} ${JSON.stringify(name)}: ${why}`,
      details: details(kind, name),
    }),
  unknownPath: () =>
    new ApiError({
      code: 404,
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
      details: {},
    }),
  methodNotAllowed: () =>
    new ApiError({
      code: 405,
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
      details: {},
    }),
  unsupportedMediaType: (accepted: readonly string[]) =>
    new ApiError({
      code: 415,
      reason: 'UnsupportedMediaType',
      message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
    }),
  expired: (message: string, metadata: Fields = {}) => {
    const error = new ApiError({ code: 410, reason: 'Expired', message });
    error.status.metadata = metadata;
    return error;
  },
  tooLargeVersion: (wanted: string, current: number) =>
    new ApiError({
      code: 504,
      reason: 'Timeout',
      message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    }),
  unavailable: (message: string) => new ApiError({ code: 503, reason: 'ServiceUnavailable', message }),
  internal: (message: string) =>
    new ApiError({
      code: 500,
      reason: 'InternalError',
      message: `Internal error occurred: ${message}`,
      details: { causes: [{ message }] },
    }),
};
