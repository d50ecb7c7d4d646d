import { readFileSync } from 'node:fs';

/** Width and height of a PNG or SVG file, so that nothing moves when it loads. @throws Error for others */
export function imageSize(file: string): { readonly width: string; readonly height: string } {
  const bytes = readFileSync(file);
  if (file.endsWith('.png') && bytes.toString('latin1', 12, 16) === 'IHDR')
    return { width: `${bytes.readUInt32BE(16)}`, height: `${bytes.readUInt32BE(20)}` };
  const [, width, height] = /<svg\b[^>]*\bviewBox="0 0 (\d+) (\d+)"/.exec(bytes.toString('utf8')) ?? [];
  if (width === undefined || height === undefined) throw new Error(`${file} has no size`);
  return { width, height };
}
