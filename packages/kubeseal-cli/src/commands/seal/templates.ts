import {
  type Bytes,
  decodeUtf8,
  encodeUtf8,
  isTemplate,
  type SealedSecret,
  SealedSecretsError,
} from '@fuin/crypto-core';
import { leakingTemplate } from '@fuin/items';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { ValueInputs } from '../../values/inputs.ts';
import { parseItemArgument } from '../../values/item-argument.ts';
import { valueOfArgument } from '../../values/sources.ts';

/** What Go prints for a name that does not exist. */
const NO_VALUE = '<no value>';

/** Items that templates make, by name. */
export type Templates = ReadonlyMap<string, string>;

/**
 * Reads the arguments of --template without reading a file.
 *
 * @param taken names of sealed items, which win over templates
 * @throws ERR_USAGE
 */
export function checkTemplates(words: readonly string[], taken: readonly string[]): void {
  const names = new Set(taken);
  for (const word of words) {
    const { item, from } = parseItemArgument(word);
    if (from === 'prompt')
      throw usageError(`the template of ${item} is missing`, `give --template ${item}=@FILE`);
    if (names.has(item)) throw usageError(`item ${item} is given twice`);
    names.add(item);
  }
}

/** The texts of --template. @throws ERR_USAGE */
export async function readTemplates(words: readonly string[], inputs: ValueInputs): Promise<Templates> {
  const templates = new Map<string, string>();
  for (const word of words) {
    const argument = parseItemArgument(word);
    templates.set(argument.item, decodeUtf8(await valueOfArgument(argument, inputs)));
  }
  return templates;
}

/**
 * What the templates print with the values of the items, like the controller does: a mistake shows before the
 * SealedSecret is in the cluster.
 *
 * @throws ERR_TEMPLATE_INVALID naming template and line
 */
export async function renderTemplates(
  templates: Templates,
  values: ReadonlyMap<string, Bytes>,
  warn: Warn,
): Promise<ReadonlyMap<string, Bytes>> {
  if (templates.size === 0) return new Map();
  if (![...templates.values()].some(isTemplate))
    return new Map([...templates].map(([item, text]) => [item, encodeUtf8(text)]));
  const { createRenderer } = await import('@fuin/go-template');
  const renderer = createRenderer();
  try {
    const rendered = await renderer.render({ templates, values });
    for (const [item, bytes] of rendered)
      if (Buffer.from(bytes).includes(NO_VALUE) && !templates.get(item)?.includes(NO_VALUE))
        warn(`warning: the template of ${item} names an item that is not sealed`);
    return new Map([...rendered].map(([item, bytes]) => [item, new Uint8Array(bytes)]));
  } catch (error) {
    throw templateError(error);
  } finally {
    await renderer.close();
  }
}

/** The SealedSecret with templates. */
export function withTemplates(sealed: SealedSecret, templates: Templates): SealedSecret {
  if (templates.size === 0) return sealed;
  const template = { ...sealed.spec.template, data: Object.fromEntries(templates) };
  return { ...sealed, spec: { ...sealed.spec, template } };
}

/** Templates are published. @throws ERR_USAGE for one that holds a value in the clear or in base64 */
export function refuseLeaks(templates: Templates, values: ReadonlyMap<string, Bytes>): void {
  const leak = leakingTemplate(templates, values);
  if (!leak) return;
  const [how, filter] = leak.form === 'base64' ? ['base64', ' | b64enc'] : ['the clear', ''];
  throw usageError(
    `the template of ${leak.template} holds the value of ${leak.item} in ${how}`,
    `templates are published: write {{ index . "${leak.item}"${filter} }} in its place`,
  );
}

/** Failures name template, line and function, never a value. */
function templateError(error: unknown): unknown {
  const failures = (error as { failures?: unknown } | null)?.failures;
  if (!Array.isArray(failures)) return error;
  const texts = (failures as readonly { readonly template: string; readonly message: string }[]).map(
    ({ template, message }) => `the template of ${template}: ${message}`,
  );
  return new SealedSecretsError('ERR_TEMPLATE_INVALID', texts.join('\n'));
}
