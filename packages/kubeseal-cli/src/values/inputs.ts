import { type Bytes, encodeUtf8, SealedSecretsError } from '@fuin/crypto-core';
import { decodeText } from '@fuin/manifests/text-encoding';
import { usageError } from '../invocation/usage-error.ts';
import { isStream, readInput } from '../io/files.ts';
import type { Io } from '../io/io.ts';

/** Reads what a command line names: files, stdin once, and what a person types. */
export class ValueInputs {
  readonly #io: Pick<Io, 'cwd' | 'stdin'>;
  readonly #untyped: string | undefined;
  #isStdinRead = false;

  /** @param untyped stands for what a person would type, so that nobody is asked; undefined asks */
  constructor(io: Pick<Io, 'cwd' | 'stdin'>, untyped?: string) {
    this.#io = io;
    this.#untyped = untyped;
  }

  /** @param flag that names the file, for a hint. @throws ERR_USAGE */
  async bytes(file: string, flag?: string): Promise<Bytes> {
    const { cwd, stdin } = this.#io;
    if (!isStream(file)) return new Uint8Array(await readInput(cwd, file, flag));
    if (stdin.isTty) throw usageError('stdin is a terminal', 'write ITEM alone to be asked for its value');
    if (this.#isStdinRead) throw usageError('stdin can be read only once');
    this.#isStdinRead = true;
    return new Uint8Array(await stdin.read());
  }

  /** The text of a file, also one in UTF-16. @throws ERR_USAGE */
  async text(file: string, flag?: string): Promise<string> {
    return decodeText(await this.bytes(file, flag)).replace(/^\ufeff/, '');
  }

  /**
   * Asks for a value that is not shown while it is typed.
   *
   * @throws ERR_USAGE without a terminal, and for an empty value
   */
  async typed(item: string): Promise<Bytes> {
    if (this.#untyped !== undefined) return encodeUtf8(this.#untyped);
    const { stdin } = this.#io;
    if (!stdin.isTty || !stdin.readHidden) {
      throw usageError(
        `item ${item} has no value, and there is no terminal to ask for it`,
        `give ${item}=@FILE, or ${item}=@- for stdin`,
      );
    }
    const value = await stdin.readHidden(`value of ${item}: `).catch((error: unknown) => {
      const isExplained = error instanceof SealedSecretsError && error.hint !== undefined;
      throw isExplained ? error.withHint(`give ${item}=@FILE for a value of several lines`) : error;
    });
    if (value.length === 0)
      throw usageError(`the value of ${item} is empty`, `give ${item}= for an empty value`);
    return new Uint8Array(value);
  }
}

/** The name of a file in messages. */
export function inputName(file: string): string {
  return isStream(file) ? 'stdin' : file;
}
