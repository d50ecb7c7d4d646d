import { type Report, splitLines, Verifier } from '@fuin/audit';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { AUDIT_FLAGS } from '../../invocation/flags/check-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { readChunks } from '../../io/inputs.ts';
import { counted } from '../../output/counted.ts';
import { jsonText } from '../../output/json-text.ts';

type Given = CommandLine<typeof AUDIT_FLAGS>;

const HASH = /^[0-9a-f]{64}$/;
const HINT = 'docs/audit.md says what each of these can mean';

/**
 * `kubeseal audit verify FILE...`: walks along the hash chain of an audit log. Memory does not grow with it.
 *
 * @throws ERR_FINDINGS naming file and line of each break; ERR_USAGE where a file cannot be read
 */
export async function verifyAudit(given: Given, { io, warn }: CommandWorld): Promise<void> {
  const anchors = anchorsOf(given);
  const verifier = new Verifier(anchors);
  for (const name of given.arguments) {
    const where = isStream(name) ? 'stdin' : name;
    for await (const line of splitLines(readChunks(name, io))) verifier.add(where, line);
  }
  const report = verifier.report();
  if (given.flags.json) await io.stdout.write(jsonText(report));
  else for (const note of notesOf(report, anchors)) warn(`note: ${note}`);
  if (report.findingCount > 0) throw findingsError(report);
}

/** What the command line says about the ends of the chain. @throws ERR_USAGE */
export function anchorsOf({ flags }: Given): { readonly heads: readonly string[]; readonly after?: string } {
  const { head: heads, after } = flags;
  for (const [flag, hash] of [...heads.map((each) => ['head', each] as const), ['after', after] as const]) {
    if (hash === '' ? flag === 'after' : HASH.test(hash)) continue;
    throw usageError(
      `--${flag} is no hash: ${JSON.stringify(hash)}`,
      'it is the 64 hexadecimal digits of an anchor, or of the member "hash" of a line',
    );
  }
  return { heads, ...(after !== '' && { after }) };
}

function* notesOf(report: Report, { heads }: { readonly heads: readonly string[] }): Generator<string> {
  const { lines, starts, crashes, torn, lost, chains, chainCount } = report;
  yield `${counted(lines, 'line')}, ${counted(starts, 'start')}, ${crashes} of them without a stop before`;
  for (const { chain, first, last, from, to, head } of chains)
    yield `chain ${chain}: lines ${first} to ${last}, ${from} to ${to}, head ${head}`;
  if (chainCount > chains.length) yield `and ${counted(chainCount - chains.length, 'chain')} more`;
  if (torn > 0)
    yield `${counted(torn, 'line')} torn by a crash: the event in it is lost, as the next line tells`;
  if (lost > 0)
    yield `${counted(lost, 'event')} lost while the log could not be written, as the controller tells`;
  if (heads.length === 0) yield 'without --head, nobody notices lines that were cut off at the end';
}

function findingsError({ findings, findingCount }: Report): SealedSecretsError {
  const messages = findings.map(({ file, line, message }) => `${file || 'the log'}:${line}: ${message}`);
  const others = findingCount - findings.length;
  if (others > 0) messages.push(`and ${counted(others, 'finding')} more`);
  return new SealedSecretsError('ERR_FINDINGS', messages.join('\nerror: '), { hint: HINT });
}
