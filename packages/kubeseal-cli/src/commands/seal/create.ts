import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  encodeBase64,
  isLabelValue,
  isMetadataKey,
  isNamespaceName,
  isObjectName,
  type Secret,
  scopeOf,
  sealSecret,
} from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { adviseOnSecret } from '../../input/advice.ts';
import { adviseOnNamespace } from '../../input/secrets.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CREATE_FLAGS } from '../../invocation/flags/command-flags.ts';
import { type Sealing, sealingOf } from '../../invocation/invocation.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { checkWritable } from '../../output/atomic-write.ts';
import { outputFormat, writeOutput } from '../../output/output.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../../values/advice.ts';
import { parseGeneratedItem } from '../../values/generators.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { splitAtEquals } from '../../values/item-argument.ts';
import { fullTypeName, type Items, itemsForType } from '../../values/secret-types.ts';
import { type AskedItems, checkAskedItems, readItems, refuseTooMuch } from '../../values/sources.ts';
import { openSealingKey } from '../access/certificate.ts';
import { checkTemplates, readTemplates, renderTemplates, withTemplates } from './templates.ts';

type Given = CommandLine<typeof CREATE_FLAGS>;

/** What the command line of `kubeseal create` stands for. */
interface Plan {
  readonly name: string;
  /** Empty where the command line does not say it. */
  readonly namespace: string;
  readonly asked: AskedItems;
  readonly templates: readonly string[];
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
    templates: flags.template,
    metadata: {
      labels: entriesOf(flags.label, '--label', isLabelValue),
      annotations: entriesOf(flags.annotation, '--annotation', () => true),
    },
    type: fullTypeName(flags.type),
  };
  checkTemplates(flags.template, checkAskedItems(plan.asked));
  refusePrintingTwice(flags);
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
  const { asked, templates: words, ...plan } = planOf(line);
  const { 'sealed-secret-file': file, format, scope } = line.flags;
  await refuseExisting(file, io.cwd);
  const sealing = sealingOf(line, world);
  const asksScope = scope === 'strict' ? scopeOf(plan.metadata.annotations) : scope;
  const namespace =
    plan.namespace || (asksScope === 'cluster-wide' ? '' : await contextNamespace(sealing, plan.name));
  const recipient = await openSealingKey(sealing);
  adviseOnHistory(asked.items, io.stderr.isTty, warn);
  const inputs = new ValueInputs(io);
  const templates = await readTemplates(words, inputs);
  const given = await readItems(asked, inputs);
  for (const [item, value] of given) adviseOnLineEnd(item, value, warn);
  const items = await itemsFor(plan.type, given, await renderTemplates(templates, given, warn));
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...plan.metadata, name: plan.name, ...(namespace ? { namespace } : {}) },
    type: plan.type,
    data: Object.fromEntries([...items].map(([item, value]) => [item, encodeBase64(value)])),
  };
  const sealed = withTemplates(await sealSecret(secret, recipient, scope), templates);
  const label = namespace ? `${namespace}/${plan.name}` : plan.name;
  if (warns) {
    await adviseOnSecret(secret, label, warn);
    await (await import('../access/controller.ts')).noteCertificate(recipient, sealing);
  }
  await writeOutput(file, formatManifest(orderSealedSecret(sealed), outputFormat(file, format)), io);
  const where = file === '' || isStream(file) ? '' : ` in ${file}`;
  const names = [...Object.keys(sealed.spec.encryptedData), ...templates.keys()];
  warn(`note: created ${label}${where} with ${names.join(', ')}`);
  if (line.flags['print-public']) await printPublic(asked, items, io);
}

/** The items to seal: of the type, where what templates print counts too. */
async function itemsFor(type: string, given: Items, rendered: Items): Promise<Items> {
  const all = await itemsForType(type, new Map([...given, ...rendered]));
  const bytes = [...all.values()].reduce((sum, { length }) => sum + length, 0);
  refuseTooMuch(bytes, [...all.keys()].at(-1) ?? '');
  return new Map([...all].filter(([item]) => !rendered.has(item)));
}

/** @throws ERR_USAGE where the SealedSecret and public keys would both be on stdout */
function refusePrintingTwice(flags: Given['flags']): void {
  if (!flags['print-public']) return;
  if (flags['sealed-secret-file'] === '' || isStream(flags['sealed-secret-file']))
    throw usageError('--print-public needs a file for the SealedSecret', 'give -w FILE');
  if (publicNames(flags.generate).length === 0)
    throw usageError('--print-public needs a key pair', 'give --generate ITEM=ssh or ITEM=tls:NAME');
}

/** Prints the public halves of generated key pairs, so that they can be registered. */
async function printPublic(asked: AskedItems, items: Items, { stdout }: Pick<Io, 'stdout'>): Promise<void> {
  for (const name of publicNames(asked.generate)) await stdout.write(items.get(name) ?? '');
}

function publicNames(words: readonly string[]): string[] {
  return words.flatMap((word) => parseGeneratedItem(word).publicName ?? []);
}

function placeOf(target: string, asked: string): Pick<Plan, 'name' | 'namespace'> {
  const [name = '', own = '', ...more] = target.split('/').reverse();
  if (more.length > 0 || !isObjectName(name) || (target.includes('/') && !isNamespaceName(own)))
    throw usageError(
      'the first argument is not [NAMESPACE/]NAME as Kubernetes allows it',
      'lower-case letters, digits and - are allowed, and . in the name',
    );
  if (asked !== '' && !isNamespaceName(asked)) throw usageError('-n is not the name of a namespace');
  if (own !== '' && asked !== '' && own !== asked)
    throw usageError(`the namespace is ${own} in ${target} and ${asked} in -n`);
  return { name, namespace: own || asked };
}

/** Entries of labels or annotations. */
function entriesOf(
  texts: readonly string[],
  flag: string,
  isValue: (value: string) => boolean,
): Record<string, string> {
  const entries = new Map<string, string>();
  for (const text of texts) {
    const { key, value } = splitAtEquals(text);
    if (value === undefined || !isMetadataKey(key) || !isValue(value))
      throw usageError(`${flag} is not KEY=VALUE as Kubernetes allows it`);
    if (entries.has(key)) throw usageError(`${flag} gives ${key} twice`);
    entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

/** @throws ERR_USAGE where -w names a file that exists: create never loses items */
async function refuseExisting(file: string, cwd: string): Promise<void> {
  if (file === '' || isStream(file)) return;
  await checkWritable(cwd, file);
  const existing = await stat(resolve(cwd, file)).catch(() => undefined);
  if (existing?.isFile() && existing.size > 0)
    throw usageError(`${file} exists already`, 'delete it first, or name another file');
}

async function contextNamespace({ kubeconfig, warn }: Sealing, name: string): Promise<string> {
  const namespace = await kubeconfig.namespace().catch(() => '');
  adviseOnNamespace(namespace, name, warn);
  if (namespace) return namespace;
  throw usageError(`the namespace of ${name} is missing`, `write NAMESPACE/${name}, or give -n`);
}
