import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import { fieldsOf } from '../objects/json.ts';
import type { Fields } from '../objects/object.ts';
import { ApiError, errors } from '../objects/status-errors.ts';
import { decodeProtobuf } from './protobuf.ts';
import { readBody } from './request.ts';

const READABLE = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

async function readBytes(message: IncomingMessage): Promise<Buffer> {
  const bytes = await readBody(message);
  if (bytes !== undefined) return bytes;
  throw new ApiError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: 'Request entity too large: limit is 3145728',
  });
}

/** Reads a body as text. @throws 413 */
export async function readText(message: IncomingMessage): Promise<string> {
  return (await readBytes(message)).toString('utf8');
}

/** Media type of a body, without parameters. */
export function contentTypeOf(message: IncomingMessage): string {
  return (message.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

/**
 * Reads a body as an object: JSON, YAML, or protobuf for kinds that kubectl sends so.
 * @throws 400, 413, 415
 */
export async function readObject(message: IncomingMessage): Promise<unknown> {
  const type = contentTypeOf(message) || 'application/json';
  const bytes = await readBytes(message);
  if (type === 'application/json' || type === '*/*') return parseJson(bytes.toString('utf8'));
  if (type === 'application/yaml') return parseYaml(bytes.toString('utf8')) as unknown;
  const decoded = type === 'application/vnd.kubernetes.protobuf' ? decodeProtobuf(bytes) : undefined;
  if (!decoded) throw errors.unsupportedMediaType(READABLE);
  return decoded;
}

/** Parses JSON. @throws 400 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw errors.badRequest(
      `the object provided is unrecognized: couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

/** Reads the spec of a review or token request. */
export async function readReview(message: IncomingMessage): Promise<Fields> {
  return fieldsOf(fieldsOf(await readObject(message))['spec']);
}
