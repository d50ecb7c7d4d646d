import { isAbsolute } from 'node:path';
import { decodeBase64, encodeBase64, visible } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { misconfigured, rejected, unavailable } from '../faults.ts';
import type { KeyContext } from '../key-context.ts';
import { CALL_TIMEOUT_MS, type KeyWrapper, type WrapperWorld } from '../key-wrapper.ts';
import { runPlugin } from './run-plugin.ts';

/** Of the protocol (docs/key-wrapping.md, "A program of your own"). */
const VERSION = 1;

/**
 * A program that speaks to a key service: it reads one JSON object from stdin and writes one to stdout. It
 * gets the environment of this process.
 *
 * @param program its absolute path
 * @param timeoutMs for tests
 * @throws ERR_USAGE
 */
export function openExecWrapper(
  program: string,
  { env }: WrapperWorld,
  timeoutMs: number = CALL_TIMEOUT_MS,
): KeyWrapper {
  if (!isAbsolute(program)) throw misconfigured('exec: needs the absolute path of a program');
  const who = `exec:${visible(program)}`;
  const call = async (operation: 'wrap' | 'unwrap' | 'rewrap', data: Uint8Array, context: KeyContext) => {
    const asked = { version: VERSION, operation, context: { ...context }, data: encodeBase64(data) };
    const output = await runPlugin({ program, env, who, input: `${JSON.stringify(asked)}\n`, timeoutMs });
    return answerIn(output, who);
  };
  return {
    name: `exec:${program}`,
    describe: () => `the program ${visible(program)}`,
    wrap: (dataKey, context) => call('wrap', dataKey, context),
    unwrap: (wrapped, context) => call('unwrap', wrapped, context),
    rewrap: (wrapped, context) => call('rewrap', wrapped, context),
    close: async () => undefined,
  };
}

function answerIn(output: string, who: string) {
  let answer: Readonly<Record<string, unknown>>;
  try {
    answer = recordOf(JSON.parse(output));
  } catch {
    throw unavailable(who, 'it printed no JSON object');
  }
  if (answer['version'] !== VERSION)
    throw rejected(who, `it does not answer in version ${VERSION} of the protocol`);
  if (answer['error'] === 'rejected') throw rejected(who, 'it refuses');
  if (answer['error'] !== undefined) throw unavailable(who, 'it cannot answer now');
  try {
    return decodeBase64(String(answer['data']));
  } catch {
    throw unavailable(who, 'its data is not base64');
  }
}
