import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprintOfPictures, takePictures } from './pictures.ts';

/** `node test/browser/pictures/take.ts`: takes the pictures of docs/web.md again. */
const images = join(import.meta.dirname, '../../../docs/images');
await takePictures(({ name }, png) => writeFile(join(images, `${name}.png`), png));
await writeFile(join(images, 'web.sha256'), `${fingerprintOfPictures()}\n`);
