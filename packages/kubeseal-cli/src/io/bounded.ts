import { SealedSecretsError } from '@fuin/crypto-core';

/**
 * The bytes of an answer.
 *
 * @throws ERR_API_UNAVAILABLE as soon as there are more than `maxBytes`
 */
export async function bounded(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
