import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { SealedSecretsError } from '@fuin/crypto-core/errors';

/**
 * Reads one line from the terminal without showing it; Enter ends it. What comes with it in one piece (a pasted key of several lines)
 * is refused: the rest would be typed into the shell.
 *
 * @param prompt is shown when nothing that is typed is shown any more
 * @throws ERR_USAGE when there are several lines, or it was broken off
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
      terminal.once('SIGINT', () => reject(new SealedSecretsError('ERR_USAGE', 'broken off')));
      terminal.once('close', resolve); // Ctrl-D
    });
    if (lines.length > 1 || (lines.length === 1 && terminal.line !== '')) {
      throw new SealedSecretsError('ERR_USAGE', 'a typed value has one line', {
        hint: 'give a value of several lines with --from-file',
      });
    }
  } finally {
    terminal.close();
    process.stdin.pause();
    process.stderr.write('\n');
  }
  return Buffer.from(lines[0] ?? '');
}
