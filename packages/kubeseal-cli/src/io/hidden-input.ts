import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { SealedSecretsError } from '@fuin/crypto-core/errors';

/**
 * Reads one line from the terminal without showing it; Enter ends it. Several pasted lines are refused: the
 * shell would run the rest.
 *
 * @param prompt is printed after the terminal has stopped showing what is typed
 * @throws ERR_USAGE for several lines, or after Ctrl-C
 */
export async function readHiddenLine(prompt: string): Promise<Uint8Array> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silence, terminal: true, historySize: 0 });
  process.stderr.write(prompt);
  const lines: string[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      terminal.on('line', (line) => {
        lines.push(line);
        setImmediate(resolve); // lines that were pasted come within the same turn
      });
      terminal.once('SIGINT', () => reject(new SealedSecretsError('ERR_USAGE', 'cancelled')));
      terminal.once('close', resolve); // Ctrl-D
    });
    if (lines.length > 1 || (lines.length === 1 && terminal.line !== '')) {
      throw new SealedSecretsError('ERR_USAGE', 'a typed value must be a single line', {
        hint: 'use --from-file for a value of several lines',
      });
    }
  } finally {
    terminal.close();
    process.stdin.pause();
    process.stderr.write('\n');
  }
  return Buffer.from(lines[0] ?? '');
}
