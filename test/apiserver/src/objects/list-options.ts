import { type FieldError, fieldError, invalidObject } from './field-errors.ts';

const LIST_OPTIONS = { group: 'meta.k8s.io', kind: 'ListOptions', plural: 'listoptions' };
const MATCH = 'resourceVersionMatch';

interface ListOptions {
  readonly isWatch: boolean;
  readonly match: string;
  readonly version: string;
  readonly isContinued: boolean;
  readonly hasInitialEvents: boolean;
}

/** One combination the API server refuses. */
interface Rule {
  readonly isBroken: (options: ListOptions) => boolean;
  readonly failure: (options: ListOptions) => FieldError;
}

const forbidden = (field: string, detail: string) => () => fieldError.forbidden(field, detail);

const RULES: readonly Rule[] = [
  {
    isBroken: ({ match, isWatch, version }) => match !== '' && !isWatch && version === '',
    failure: forbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
  },
  {
    isBroken: ({ match }) => !['', 'Exact', 'NotOlderThan'].includes(match),
    failure: ({ match }) => fieldError.notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']),
  },
  {
    isBroken: ({ match, isContinued }) => match !== '' && isContinued,
    failure: forbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'),
  },
  {
    isBroken: ({ match, version }) => match === 'Exact' && version === '0',
    failure: forbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
  },
  {
    isBroken: ({ isWatch, match, hasInitialEvents }) => isWatch && match !== '' && !hasInitialEvents,
    failure: forbidden(
      MATCH,
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ),
  },
  {
    isBroken: ({ isWatch, match, hasInitialEvents }) =>
      isWatch && hasInitialEvents && match !== 'NotOlderThan',
    failure: forbidden(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
  },
  {
    isBroken: ({ isWatch, hasInitialEvents }) => !isWatch && hasInitialEvents,
    failure: forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'),
  },
];

/** Checks the combinations of list and watch parameters the API server refuses. @throws 422 */
export function validateListOptions(query: URLSearchParams, isWatch: boolean): void {
  const options: ListOptions = {
    isWatch,
    match: query.get('resourceVersionMatch') ?? '',
    version: query.get('resourceVersion') ?? '',
    isContinued: Boolean(query.get('continue')),
    hasInitialEvents: query.has('sendInitialEvents'),
  };
  const failures = RULES.filter((rule) => rule.isBroken(options)).map((rule) => rule.failure(options));
  if (failures.length > 0) throw invalidObject(LIST_OPTIONS, '', failures);
}
