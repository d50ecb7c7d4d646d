import { resolve } from 'node:path';
import { encodeUtf8 } from '@fuin/crypto-core';
import { itemsOfEnvFile } from '@fuin/items';
import { readManifests, SECRET_SHAPE } from '@fuin/manifests';
import { usageError } from '../../invocation/usage-error.ts';
import { isObject } from '../../io/fields.ts';
import { checkReadable, isStream } from '../../io/files.ts';
import { inputName } from '../inputs.ts';
import { itemsOfFields, parseJson } from '../json-items.ts';
import { outputOf } from './remote/program.ts';
import { isManifest, loadedFrom, refuseOtherKind } from './secret-object.ts';
import type { Store, StoreWorld } from './store.ts';

/** A file in the format `.env`. */
export const ENV_FILE: Store = {
  usage: 'env:FILE',
  summary: 'A file of lines ITEM=VALUE in the format .env; - is stdin',
  check: (file) => refuseNoFile('env', file),
  load: async (file, { inputs }) => {
    const texts = itemsOfEnvFile(await inputs.text(file), inputName(file));
    return {
      origin: inputName(file),
      items: new Map([...texts].map(([item, text]) => [item, encodeUtf8(text)])),
    };
  },
};

/** A file that SOPS encrypted: a Secret, or a map of items. */
export const SOPS_FILE: Store = {
  usage: 'sops:FILE',
  summary: 'A Secret, or a flat map of items, that SOPS encrypted. The program sops decrypts it',
  check: (file) => refuseNoStream('sops', file),
  load: async (file, world) => {
    const args = ['decrypt', '--output-type', 'json', pathOf(file, world)];
    const hint =
      'install SOPS 3.9 or newer, https://getsops.io, or pipe: sops decrypt FILE | kubeseal -w NEW';
    const output = await outputOf({ program: 'sops', args, hint, ...placeOf(world) });
    const value = parseJson(output.toString('utf8'));
    if (!isObject(value)) throw usageError(`${file} holds no map of items`);
    if (!isManifest(value)) return { origin: file, items: itemsOfFields(value, file, world.wants) };
    refuseOtherKind(value, file);
    return loadedFrom(value, file, world.warn);
  },
};

/** A file that kubesec (the one that encrypts Secrets) made. */
export const KUBESEC_FILE: Store = {
  usage: 'kubesec:FILE',
  summary: 'A Secret that kubesec encrypted. The program kubesec decrypts it',
  check: (file) => refuseNoStream('kubesec', file),
  load: async (file, world) => {
    const args = ['decrypt', pathOf(file, world)];
    const hint = 'install the kubesec that encrypts Secrets, https://github.com/shyiko/kubesec';
    const output = await outputOf({ program: 'kubesec', args, hint, ...placeOf(world) });
    const { documents } = await readManifests(output, file, SECRET_SHAPE);
    const [document, ...more] = documents;
    if (!document || more.length > 0) throw usageError(`${file} does not hold exactly one Secret`);
    refuseOtherKind(document.value, file);
    return loadedFrom(document.value, file, world.warn);
  },
};

/** An absolute path: no name of a file can be a flag. @throws ERR_USAGE where the file cannot be read */
function pathOf(file: string, { io }: Pick<StoreWorld, 'io'>): string {
  checkReadable(io.cwd, file);
  return resolve(io.cwd, file);
}

function placeOf({ io }: Pick<StoreWorld, 'io'>) {
  return { env: io.env, cwd: io.cwd };
}

function refuseNoFile(store: string, file: string): void {
  if (file === '') throw usageError(`${store}: needs the name of a file`, `such as ${store}:db`);
}

function refuseNoStream(store: string, file: string): void {
  refuseNoFile(store, file);
  if (isStream(file))
    throw usageError(`${store}: needs a file, not stdin`, `${store} goes by the file's name`);
}
