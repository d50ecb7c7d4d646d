import type { Secret } from '@fuin/crypto-core';
import { adviseOnSecret } from '../../input/advice.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CREATE_FLAGS } from '../../invocation/flags/command-flags.ts';
import { outputFormat } from '../../output/output.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../../values/advice.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { fullTypeName, itemsForType } from '../../values/secret-types.ts';
import { type AskedItems, checkAskedItems, readItems } from '../../values/sources.ts';
import { checkDestinations, destinationsOf } from './destinations.ts';
import {
  metadataOf,
  type Place,
  placeOf,
  type SealedOrder,
  sealOrder,
  secretOf,
  writeSealed,
} from './new-secret.ts';
import { type Order, orderOf } from './order.ts';

type Given = CommandLine<typeof CREATE_FLAGS>;

/** What the command line of `kubeseal create` stands for. */
interface Plan extends Place {
  readonly asked: AskedItems;
  readonly metadata: Pick<Secret['metadata'], 'labels' | 'annotations'>;
  readonly type: string;
}

/** Reads a command line of `kubeseal create` without reading a file. @throws ERR_USAGE */
export function planOf({ flags, arguments: [target = '', ...items] }: Given): Plan {
  checkDestinations({ flags });
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
 * manifest, or one for each of several clusters. Values are asked for once, after everything else is known to
 * be in order.
 *
 * @throws ERR_USAGE, and the errors of openSealingKey
 */
export async function create(line: Given, world: CommandWorld): Promise<void> {
  const { io, warns, warn } = world;
  const plan = planOf(line);
  const orders: Order[] = [];
  for (const destination of await destinationsOf(line, plan, world))
    orders.push(await orderOf(line, plan, destination, warn));
  adviseOnHistory(plan.asked.items, io.stderr.isTty, warn);
  const given = await readItems(plan.asked, new ValueInputs(io));
  for (const [item, value] of given) adviseOnLineEnd(item, value, warn);
  const items = await itemsForType(plan.type, given);
  const sealed: SealedOrder[] = [];
  for (const order of orders) {
    const { namespace, label } = order;
    const secret = secretOf({ name: plan.name, namespace }, items, plan);
    if (warns) await adviseOnSecret(secret, label, warn);
    sealed.push(await sealOrder(order, secret, !line.flags['no-note']));
  }
  // all are sealed before the first is written
  for (const each of sealed) {
    await writeSealed(each, io);
    warn(`note: created ${each.what}`);
  }
}
