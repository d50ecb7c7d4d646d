import { formatManifest, openLists, orderSealedSecret, readManifests, SECRET_SHAPE } from '@fuin/manifests';
import { headOf, piecesOf } from '@fuin/manifests/rendered';
import { decodeStrictly } from '@fuin/manifests/text-encoding';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { POST_RENDER_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { refusePlain } from './refuse-plain.ts';
import { isPlainSecret, type Rendered, type RenderedSealing, sealRendered } from './seal-rendered.ts';
import { type OpenSealing, sealingOnce } from './sealing.ts';

type Given = CommandLine<typeof POST_RENDER_FLAGS>;

/** What can hide the word Secret: an escape, or a tag that says how a scalar is encoded. */
const MAY_BE_SECRET = /secret|[\\!]/i;

/**
 * `kubeseal post-render`: seals the Secrets of a stream of manifests, and prints every other document as it
 * is. What comes out is checked; if anything is wrong, nothing is printed.
 *
 * @throws ERR_FINDINGS where something is in the clear that cannot be sealed, or with --refuse
 */
export async function postRender(given: Given, world: CommandWorld): Promise<void> {
  const { io } = world;
  const bytes = await io.stdin.read();
  const decoded = decodeStrictly(bytes);
  if (!decoded) throw usageError('stdin is neither UTF-8 nor UTF-16 with a byte order mark');
  const { text } = decoded;
  if (text.trim() === '')
    throw usageError('stdin is empty', 'Helm and other programs write manifests into it');
  const namespace = given.flags.namespace || (io.env['HELM_NAMESPACE'] ?? '');
  const sealed = given.flags.refuse ? text : await sealAll(text, sealingOnce(given, namespace, world), world);
  const rendered = sealed === text ? bytes : decoded.encode(sealed);
  await refusePlain(rendered, given.flags.refuse ? REFUSED : UNSEALED, world);
  await io.stdout.write(rendered);
}

async function sealAll(text: string, open: OpenSealing, world: CommandWorld): Promise<string> {
  const sealed: string[] = [];
  for (const [index, piece] of piecesOf(text).entries()) {
    const isChecked = MAY_BE_SECRET.test(piece);
    const found = isChecked
      ? await objectsIn(piece, { text, label: `document ${index + 1} of stdin` }, world)
      : [];
    const isSealed = found.some(({ value }) => isPlainSecret(value));
    sealed.push(isSealed ? await sealPiece(piece, found, await open(), world) : piece);
  }
  return sealed.join('');
}

/** The objects of one piece. @throws ERR_MANIFEST_INVALID with the place in the whole text */
async function objectsIn(
  piece: string,
  { text, label }: { readonly text: string; readonly label: string },
  { warn }: Pick<CommandWorld, 'warn'>,
): Promise<Rendered[]> {
  const read = (part: string) => readManifests(Buffer.from(part), 'stdin', SECRET_SHAPE);
  const { documents, warnings } = await read(piece).catch(async (error: unknown) => {
    await read(text);
    throw error;
  });
  const named = (words: string) => words.replace(/document \d+ of stdin/, label);
  for (const warning of warnings) warn(named(warning));
  return openLists(documents).map(({ value, label: place }) => ({ value, label: named(place) }));
}

/** A document with Secrets, printed anew, and an object of a List as a document of its own. */
async function sealPiece(
  piece: string,
  objects: readonly Rendered[],
  sealing: RenderedSealing,
  world: CommandWorld,
): Promise<string> {
  const texts: string[] = [];
  for (const each of objects) {
    const object = isPlainSecret(each.value) ? await sealRendered(each, sealing, world) : each.value;
    texts.push(formatManifest(orderSealedSecret(object), 'yaml'));
  }
  const [first = '', ...more] = texts;
  return [first.replace('---\n', () => headOf(piece)), ...more].join('');
}

const REFUSED = 'nothing is printed; kubeseal post-render without --refuse seals the Secrets of the stream';
const UNSEALED =
  'nothing is printed; what is no Secret of its own cannot be sealed: take the value out of the chart';
