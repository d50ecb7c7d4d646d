import type { Bytes } from '@fuin/crypto-core';

/** The bytes of a file. Its size is judged before anything is read. @throws TooLarge */
export async function readFile(file: File, mostBytes: number): Promise<Bytes> {
  if (file.size > mostBytes) throw new TooLarge(file.name);
  return new Uint8Array(await file.arrayBuffer());
}

/** A file that is larger than what it is for can be. */
export class TooLarge extends Error {
  readonly file: string;

  constructor(file: string) {
    super('the file is too large');
    this.file = file;
  }
}
