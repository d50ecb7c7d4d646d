import { decodeStrictly } from '@fuin/manifests/text-encoding';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { POST_RENDER_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { refusePlain } from './refuse-plain.ts';
import { sealRendered } from './seal-rendered.ts';
import { sealStream } from './seal-stream.ts';
import { sealingOnce } from './sealing.ts';

type Given = CommandLine<typeof POST_RENDER_FLAGS>;

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
  const open = sealingOnce(given, namespace, world);
  const sealed = given.flags.refuse
    ? text
    : await sealStream(
        { text, where: 'stdin', format: 'yaml' },
        async (secret) => sealRendered(secret, await open(), world),
        world.warn,
      );
  const rendered = sealed === text ? bytes : decoded.encode(sealed);
  await refusePlain(rendered, given.flags.refuse ? REFUSED : UNSEALED, world);
  await io.stdout.write(rendered);
}

const REFUSED = 'nothing is printed; kubeseal post-render without --refuse seals the Secrets of the stream';
const UNSEALED =
  'nothing is printed; what is no Secret of its own cannot be sealed: take the value out of the chart';
