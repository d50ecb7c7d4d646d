import { createInterface } from 'node:readline';
import { SealedSecretsError } from '@fuin/crypto-core/errors';

/** Reads one line from the terminal, shown while it is typed. @throws ERR_USAGE after Ctrl-C */
export async function readVisibleLine(prompt: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr, historySize: 0 });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once('SIGINT', () => reject(new SealedSecretsError('ERR_USAGE', 'cancelled')));
      terminal.once('close', () => resolve('')); // Ctrl-D
      terminal.question(prompt, resolve);
    });
  } finally {
    terminal.close();
    process.stdin.pause();
  }
}
