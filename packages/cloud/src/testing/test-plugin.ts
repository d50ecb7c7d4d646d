import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** What the plugin reads and writes: docs/key-wrapping.md, "A program of your own". */
interface Asked {
  readonly version: number;
  readonly operation: 'wrap' | 'unwrap' | 'rewrap';
  readonly context: Readonly<Record<'namespace' | 'name' | 'fingerprint', string>>;
  readonly data: string;
}

/**
 * A key wrapper plugin for tests: AES-256-GCM with the key and under the trouble that the file named by its
 * first argument tells.
 */
const { key: keyHex, trouble } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  readonly key: string;
  readonly trouble?: string | number;
};
const key = Buffer.from(keyHex, 'hex');
const input = await text(process.stdin);
const asked = JSON.parse(input) as Asked;
const aad = createHash('sha256').update(JSON.stringify(asked.context)).digest();

function wrap(plain: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(wrapped: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, 12)).setAAD(aad);
  decipher.setAuthTag(wrapped.subarray(-16));
  return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
}

const OPERATIONS = { wrap, unwrap, rewrap: (wrapped: Buffer) => wrap(unwrap(wrapped)) };

function answer(): object {
  if (trouble === 403 || trouble === 404) return { version: 1, error: 'rejected', message: input };
  if (trouble === 'wrong-key' && asked.operation === 'unwrap')
    return { version: 1, data: randomBytes(32).toString('base64') };
  if (trouble === 429 || trouble === 500) return { version: 1, error: 'unavailable', message: input };
  try {
    const data = OPERATIONS[asked.operation](Buffer.from(asked.data, 'base64'));
    return { version: 1, data: data.toString('base64') };
  } catch {
    return { version: 1, error: 'rejected' };
  }
}

process.stderr.write(input); // never to be shown
const line = JSON.stringify(answer());
if (trouble === 'silent') setInterval(() => undefined, 1000);
else if (trouble === 'gone') process.exitCode = 3;
else if (trouble === 'huge') process.stdout.write('x'.repeat(1024 * 1024));
else process.stdout.write(trouble === 'garbage' || trouble === 'cut' ? line.slice(0, line.length / 2) : line);
