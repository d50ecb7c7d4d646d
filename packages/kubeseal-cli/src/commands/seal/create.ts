import { type Secret, scopeOf } from '@fuin/crypto-core';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CREATE_FLAGS } from '../../invocation/flags/command-flags.ts';
import { sealingOf } from '../../invocation/invocation.ts';
import { outputFormat } from '../../output/output.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../../values/advice.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { fullTypeName, itemsForType } from '../../values/secret-types.ts';
import { type AskedItems, checkAskedItems, readItems } from '../../values/sources.ts';
import { openSealingKey } from '../access/certificate.ts';
import {
  contextNamespace,
  metadataOf,
  type Place,
  placeOf,
  refuseExisting,
  sealAndWrite,
  secretOf,
} from './new-secret.ts';

type Given = CommandLine<typeof CREATE_FLAGS>;

/** What the command line of `kubeseal create` stands for. */
interface Plan extends Place {
  readonly asked: AskedItems;
  readonly metadata: Pick<Secret['metadata'], 'labels' | 'annotations'>;
  readonly type: string;
}

/** Reads a command line of `kubeseal create` without reading a file. @throws ERR_USAGE */
export function planOf({ flags, arguments: [target = '', ...items] }: Given): Plan {
  outputFormat(flags['sealed-secret-file'], flags.format);
  const plan = {
    ...placeOf(target, flags.namespace),
    asked: {
      items,
      'env-file': flags['env-file'],
      'from-json': flags['from-json'],
      generate: flags.generate,
    },
    metadata: metadataOf(flags),
    type: fullTypeName(flags.type),
  };
  checkAskedItems(plan.asked);
  return plan;
}

/**
 * `kubeseal create [NAMESPACE/]NAME [ITEM[=VALUE]]...`: makes a SealedSecret of values that stand in no
 * manifest. They are asked for after everything else is known to be in order.
 *
 * @throws ERR_USAGE, and the errors of openSealingKey
 */
export async function create(line: Given, world: CommandWorld): Promise<void> {
  const { io, warns, warn } = world;
  const { asked, ...plan } = planOf(line);
  const { 'sealed-secret-file': file, scope } = line.flags;
  await refuseExisting(file, io.cwd);
  const sealing = sealingOf(line, world);
  const asksScope = scope === 'strict' ? scopeOf(plan.metadata.annotations) : scope;
  const namespace =
    plan.namespace || (asksScope === 'cluster-wide' ? '' : await contextNamespace(sealing, plan.name));
  const recipient = await openSealingKey(sealing);
  adviseOnHistory(asked.items, io.stderr.isTty, warn);
  const given = await readItems(asked, new ValueInputs(io));
  for (const [item, value] of given) adviseOnLineEnd(item, value, warn);
  const items = await itemsForType(plan.type, given);
  const secret = secretOf({ name: plan.name, namespace }, items, plan);
  const where = await sealAndWrite(secret, recipient, line.flags, world);
  if (warns) await (await import('../access/controller.ts')).noteCertificate(recipient, sealing);
  warn(
    `note: created ${where} with ${Object.keys(secret.data ?? {})
      .sort()
      .join(', ')}`,
  );
}
