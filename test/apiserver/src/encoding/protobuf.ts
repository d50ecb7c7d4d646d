import type { Fields } from '../objects/object.ts';
import { type FieldType, messages } from './protobuf-messages.ts';

const MAGIC = Buffer.from('k8s\0');

interface RawField {
  readonly number: number;
  readonly varint: number;
  readonly bytes: Buffer;
}

function readVarint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  for (let i = at; i < bytes.length; i += 1) {
    const byte = bytes[i] as number;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: i + 1 };
    scale *= 128;
  }
  throw new Error('unexpected end of varint');
}

function readFields(bytes: Buffer): RawField[] {
  const fields: RawField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    const number = tag.value >>> 3;
    const wireType = tag.value & 7;
    const { value, end } = readVarint(bytes, tag.end);
    if (wireType === 0) fields.push({ number, varint: value, bytes: Buffer.alloc(0) });
    else if (wireType === 2) fields.push({ number, varint: 0, bytes: bytes.subarray(end, end + value) });
    else throw new Error(`unexpected wire type ${wireType}`);
    at = wireType === 2 ? end + value : end;
  }
  return fields;
}

function decodeValue(field: RawField, type: FieldType): unknown {
  if (type === 'string') return field.bytes.toString('utf8');
  if (type === 'bytes') return field.bytes.toString('base64');
  if (type === 'bool') return field.varint === 1;
  if (type === 'int') return field.varint;
  if (type === 'time') return undefined; // clients send zero times only; the server sets the real ones
  if (type.startsWith('message:')) return decodeMessage(field.bytes, type.slice('message:'.length));
  const [key, value] = readFields(field.bytes);
  const text = value?.bytes.toString(type === 'map:bytes' ? 'base64' : 'utf8');
  return { [key?.bytes.toString('utf8') ?? '']: text ?? '' };
}

function decodeMessage(bytes: Buffer, name: string): Fields {
  const rows = messages[name] ?? {};
  const object: Fields = {};
  for (const field of readFields(bytes)) {
    const row = rows[field.number];
    if (!row) continue;
    const [key, type, repeated] = row;
    const value = decodeValue(field, type);
    const isEmpty =
      value === undefined ||
      value === '' ||
      (typeof value === 'object' && Object.keys(Object(value)).length === 0);
    if (repeated) object[key] = [...((object[key] as unknown[] | undefined) ?? []), value];
    else if (type.startsWith('map:'))
      object[key] = { ...(object[key] as Fields | undefined), ...(value as Fields) };
    else if (!isEmpty) object[key] = value;
  }
  return object;
}

/**
 * Reads a `k8s\0` envelope of a kind that kubectl sends as protobuf; undefined for other bodies and kinds.
 */
export function decodeProtobuf(body: Buffer): Fields | undefined {
  if (!body.subarray(0, 4).equals(MAGIC)) return undefined;
  const envelope = readFields(body.subarray(4));
  const typeMeta = readFields(envelope.find(({ number }) => number === 1)?.bytes ?? Buffer.alloc(0));
  const textOf = (wanted: number) =>
    typeMeta.find(({ number }) => number === wanted)?.bytes.toString('utf8') ?? '';
  const kind = textOf(2);
  if (!messages[kind]) return undefined;
  const raw = envelope.find(({ number }) => number === 2)?.bytes ?? Buffer.alloc(0);
  return { kind, apiVersion: textOf(1), ...decodeMessage(raw, kind) };
}
