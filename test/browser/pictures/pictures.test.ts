import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { performanceFiles } from '../../../scripts/performance/write.ts';
import { RECORDINGS } from '../../../scripts/recordings/recordings.ts';
import { isSkipped } from '../built-page.ts';
import { fingerprintOfPictures, PICTURES, takePictures } from './pictures.ts';

const images = join(import.meta.dirname, '../../../docs/images');
const sizeOf = (png: Buffer) => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) });

describe('the images of the documentation', () => {
  it('are all made by a script', async () => {
    const charts = Object.entries(await performanceFiles()).filter(([, text]) => text !== undefined);
    const made = [
      ...charts
        .map(([path]) => path)
        .filter((path) => dirname(path) === 'docs/images')
        .map((path) => basename(path)),
      ...PICTURES.map(({ name }) => `${name}.png`),
      ...RECORDINGS.flatMap(({ name }) => [`${name}.cast`, `${name}.svg`]),
      'web.sha256',
    ];
    expect(readdirSync(images).sort()).toEqual(made.sort());
  });
  it('show the page as it is: if not, run node test/browser/pictures/take.ts and look at them', () => {
    expect(readFileSync(join(images, 'web.sha256'), 'utf8').trim()).toBe(fingerprintOfPictures());
  });
});

describe.skipIf(isSkipped)('the pictures of the page', () => {
  it('come out alike when they are taken again', async () => {
    const taken = new Map<string, Buffer>();
    await takePictures(async ({ name }, png) => void taken.set(name, png));
    expect([...taken.keys()]).toEqual(PICTURES.map(({ name }) => name));
    for (const { name, width } of PICTURES) {
      const [kept, again] = [readFileSync(join(images, `${name}.png`)), taken.get(name) ?? Buffer.alloc(24)];
      expect(sizeOf(again).width).toBe(width);
      expect(sizeOf(kept).width).toBe(width);
      const ratio = sizeOf(again).height / sizeOf(kept).height; // fonts differ from machine to machine
      expect(ratio, name).toBeGreaterThan(0.85);
      expect(ratio, name).toBeLessThan(1.15);
      expect(again.length / kept.length, name).toBeGreaterThan(0.5);
    }
  });
});
