import type { Warn } from '../invocation/warnings.ts';
import { parseItemArgument } from './item-argument.ts';

/** Warns a person, once, of values among the arguments; a script keeps no history. */
export function adviseOnHistory(items: readonly string[], isTty: boolean, warn: Warn): void {
  if (!isTty || items.every((item) => parseItemArgument(item).from !== 'text')) return;
  warn(
    'warning: a value among the arguments stays in the history of the shell, and other users can see it while kubeseal runs: write ITEM to be asked for it, or ITEM=@FILE',
  );
}

/** Warns of a single line with a line break at its end, which editors and echo add. */
export function adviseOnLineEnd(item: string, value: Uint8Array, warn: Warn): void {
  if (value.length === 0 || value.indexOf(0x0a) !== value.length - 1) return;
  warn(`warning: the value of ${item} ends with a line break, which is sealed too`);
}
