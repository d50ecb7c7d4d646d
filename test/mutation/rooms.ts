/** Rooms in which a change that no test notices could cost a secret. */
export interface Room {
  readonly name: string;
  /** Folders of code, with what is below them. */
  readonly code: readonly string[];
  /** Files of tests, as a glob: those of the room, and of a room that is nothing without it. */
  readonly tests: string;
}

const CORE = 'packages/crypto-core/src';
const CONTROLLER = 'packages/controller/src';
const KUBESEAL = 'packages/kubeseal-cli/src';

export const ROOMS: readonly Room[] = [
  { name: 'value', code: [`${CORE}/value`], tests: `${CORE}/{value,keys,diagnosis}/**/*.test.ts` },
  { name: 'secret', code: [`${CORE}/secret`], tests: `${CORE}/secret/**/*.test.ts` },
  {
    name: 'core-keys',
    code: [`${CORE}/keys`, `${CORE}/diagnosis`],
    tests: `${CORE}/{value,keys,diagnosis}/**/*.test.ts`,
  },
  { name: 'signature', code: [`${CORE}/signature`], tests: `${CORE}/signature/**/*.test.ts` },
  { name: 'reconcile', code: [`${CONTROLLER}/reconcile`], tests: `${CONTROLLER}/reconcile/**/*.test.ts` },
  { name: 'keys', code: [`${CONTROLLER}/keys`], tests: `${CONTROLLER}/keys/**/*.test.ts` },
  { name: 'http', code: [`${CONTROLLER}/http`], tests: `${CONTROLLER}/http/**/*.test.ts` },
  {
    name: 'check',
    code: [`${KUBESEAL}/commands/check`, `${KUBESEAL}/inspect`],
    tests: `${KUBESEAL}/{commands/check,inspect}/**/*.test.ts`,
  },
];
