import { encodeBase64, type Secret, scopeOf, sealSecret } from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { adviseOnSecret } from '../../input/advice.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CREATE_FLAGS } from '../../invocation/flags/command-flags.ts';
import { sealingOf } from '../../invocation/invocation.ts';
import { isStream } from '../../io/files.ts';
import { outputFormat, writeOutput } from '../../output/output.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../../values/advice.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { fullTypeName, itemsForType } from '../../values/secret-types.ts';
import { type AskedItems, checkAskedItems, readItems } from '../../values/sources.ts';
import { openSealingKey } from '../access/certificate.ts';
import { contextNamespace, metadataOf, type Place, placeOf, refuseExisting } from './new-secret.ts';

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
  const { 'sealed-secret-file': file, format, scope } = line.flags;
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
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...plan.metadata, name: plan.name, ...(namespace ? { namespace } : {}) },
    type: plan.type,
    data: Object.fromEntries([...items].map(([item, value]) => [item, encodeBase64(value)])),
  };
  const sealed = await sealSecret(secret, recipient, scope);
  const label = namespace ? `${namespace}/${plan.name}` : plan.name;
  if (warns) {
    await adviseOnSecret(secret, label, warn);
    await (await import('../access/controller.ts')).noteCertificate(recipient, sealing);
  }
  await writeOutput(file, formatManifest(orderSealedSecret(sealed), outputFormat(file, format)), io);
  const where = file === '' || isStream(file) ? '' : ` in ${file}`;
  warn(`note: created ${label}${where} with ${Object.keys(sealed.spec.encryptedData).join(', ')}`);
}
