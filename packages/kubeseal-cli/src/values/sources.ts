import { type Bytes, encodeUtf8, fitsIntoSecret, isItemName, printable } from '@fuin/crypto-core';
import { itemsOfEnvFile } from '@fuin/items';
import { usageError } from '../invocation/usage-error.ts';
import { parseGeneratedItem } from './generators.ts';
import { inputName, type ValueInputs } from './inputs.ts';
import { type ItemArgument, parseItemArgument } from './item-argument.ts';

/** What a command line says about the items of a Secret: arguments, and the flags of the same names. */
export interface AskedItems {
  readonly items: readonly string[];
  readonly 'from-env-file': readonly string[];
  readonly 'from-json': readonly string[];
  readonly generate: readonly string[];
}

/** Items by name. */
type Values = ReadonlyMap<string, Bytes>;

/** A source of items: what one word of the command line stands for. */
interface Source {
  /** The items that the word names; none for a file of items. @throws ERR_USAGE */
  namesIn(word: string): readonly string[];
  read(word: string, inputs: ValueInputs): Promise<Values>;
}

/** The sources in the order in which they are read: what a person types comes last. */
const SOURCES: Readonly<Record<keyof AskedItems, Source>> = {
  'from-env-file': {
    namesIn: () => [],
    read: async (file, inputs) => {
      return encoded(itemsOfEnvFile(await inputs.text(file, 'from-env-file'), inputName(file)));
    },
  },
  'from-json': {
    namesIn: () => [],
    read: async (file, inputs) => {
      const { itemsOfJson } = await import('./json-items.ts');
      return encoded(itemsOfJson(await inputs.text(file, 'from-json'), inputName(file)));
    },
  },
  generate: {
    namesIn: (word) => parseGeneratedItem(word).names,
    read: async (word) => encoded(await parseGeneratedItem(word).make()),
  },
  items: {
    namesIn: (word) => [parseItemArgument(word).item],
    read: async (word, inputs) => {
      const argument = parseItemArgument(word);
      return new Map([[argument.item, await valueOfArgument(argument, inputs)]]);
    },
  },
};
const SOURCE_NAMES = Object.keys(SOURCES) as readonly (keyof AskedItems)[];

/**
 * Reads what is asked for without reading a file.
 *
 * @returns the names of items, as far as they are known
 * @throws ERR_USAGE, also for an item that is given twice
 */
export function checkAskedItems(asked: AskedItems): readonly string[] {
  const words = SOURCE_NAMES.flatMap((source) => asked[source].map((word) => ({ source, word })));
  if (words.length === 0) throw usageError('no item is given');
  const names = new Set<string>();
  for (const { source, word } of words) {
    for (const name of SOURCES[source].namesIn(word)) {
      if (names.has(name)) throw twice(name);
      names.add(name);
    }
  }
  return [...names];
}

/** Whether a person is asked for a value. @throws ERR_USAGE */
export function asksFor({ items }: Pick<AskedItems, 'items'>): boolean {
  return items.some((word) => parseItemArgument(word).from === 'prompt');
}

/**
 * The items of all sources.
 *
 * @throws ERR_USAGE for what Kubernetes refuses: a name, or more than 1 MiB; and for an item that is there
 *   twice
 */
export async function readItems(asked: AskedItems, inputs: ValueInputs): Promise<Values> {
  const items = new Map<string, Bytes>();
  let bytes = 0;
  for (const source of SOURCE_NAMES) {
    for (const word of asked[source]) {
      for (const [name, value] of await SOURCES[source].read(word, inputs)) {
        if (!isItemName(name))
          throw usageError(`the name of the item ${printable(name)} is refused by Kubernetes`, NAME_RULE);
        if (items.has(name)) throw twice(name);
        items.set(name, value);
        bytes += value.length;
        refuseTooMuch(bytes, name);
      }
    }
  }
  return items;
}

/** The value that an argument stands for. @throws ERR_USAGE */
export async function valueOfArgument(argument: ItemArgument, inputs: ValueInputs): Promise<Bytes> {
  if (argument.from === 'text') return encodeUtf8(argument.text);
  return argument.from === 'file' ? inputs.bytes(argument.file) : inputs.typed(argument.item);
}

const NAME_RULE = 'letters, digits, -, _ and . are allowed';

/** @throws ERR_USAGE where values are larger than the API server takes */
export function refuseTooMuch(bytes: number, last: string): void {
  if (fitsIntoSecret(bytes)) return;
  throw usageError(`with the item ${last} the Secret holds more than 1 MiB, which Kubernetes refuses`);
}

function encoded(texts: ReadonlyMap<string, string>): Values {
  return new Map([...texts].map(([name, text]) => [name, encodeUtf8(text)]));
}

function twice(name: string) {
  return usageError(`item ${name} is given twice`);
}
