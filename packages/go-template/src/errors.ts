/** Every way in which a template can fail. The list is closed, so that no failure can contain a value. */
export const failureKinds = [
  'parse-error',
  'unknown-function',
  'unknown-template',
  'function-failed',
  'fail-called',
  'wrong-type',
  'wrong-argument-count',
  'execution-failed',
  'recursion-limit',
  'output-too-large',
  'time-limit',
  'memory-limit',
  'sandbox-crashed',
] as const;

/** One word of {@link failureKinds}. */
export type FailureKind = (typeof failureKinds)[number];

/** Why one template could not be rendered: names and positions that appear in the template, never a value. */
export interface TemplateFailure {
  /** Name of the template, which is the name of the item that it renders. */
  readonly template: string;
  readonly kind: FailureKind;
  /** Counted from 1; absent if the failure has no position, such as a limit. */
  readonly line?: number;
  /** Bytes from the start of the line, like Go counts them; absent for parse errors. */
  readonly column?: number;
  /** The function that is unknown, that failed, or that was called wrongly. */
  readonly functionName?: string;
  /** Go's own message, which may quote values. Only present with the renderer's option `unsafeErrorText`. */
  readonly unsafeText?: string;
}

const explanations: Record<FailureKind, string> = {
  'parse-error': 'the text is not a valid template',
  'unknown-function': 'the function does not exist',
  'unknown-template': 'the template it includes is not defined',
  'function-failed': 'the function reported an error',
  'fail-called': 'the template called fail',
  'wrong-type': 'a value has the wrong type for its use',
  'wrong-argument-count': 'the function got the wrong number of arguments',
  'execution-failed': 'the template could not be executed',
  'recursion-limit': 'templates or values are nested too deeply',
  'output-too-large': 'the output is larger than allowed',
  'time-limit': 'rendering took longer than allowed',
  'memory-limit': 'rendering needed more memory than allowed',
  'sandbox-crashed': 'the sandbox stopped while rendering',
};

/** Thrown if at least one template failed. `message` names each of them and is safe to show to anyone. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code = 'ERR_TEMPLATE_INVALID';
  /** In the order of the templates. After 20 failures or a limit, the later templates are not tried. */
  readonly failures: readonly (TemplateFailure & { readonly message: string })[];

  constructor(failures: readonly TemplateFailure[]) {
    super(failures.map(describeFailure).join('; '));
    this.failures = failures.map((failure) => ({ ...failure, message: describeFailure(failure) }));
  }
}

/** One line for people: template, position, function and a constant explanation, never a value. */
export function describeFailure(failure: TemplateFailure): string {
  const place = failure.line === undefined ? '' : ` line ${failure.line}`;
  const subject =
    failure.functionName === undefined ? '' : ` ${failure.functionName.slice(0, LONGEST_NAME)}:`;
  return `template ${quoted(failure.template)}${place}:${subject} ${explanations[failure.kind]}`;
}

const LONGEST_NAME = 253;

/** Authors choose the names of templates. No name may fill a log, or contain what moves a terminal. */
function quoted(name: string): string {
  const cut = name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}...`;
  return JSON.stringify(cut).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
