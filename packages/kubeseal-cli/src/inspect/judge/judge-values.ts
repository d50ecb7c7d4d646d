import { valueFault } from '@fuin/crypto-core';
import { looksOf } from '../check-value.ts';
import type { Finding } from './finding.ts';

/** Items that are not sealed, or damaged. @param place names an item, and where it is */
export function judgeValues(
  items: readonly (readonly [string, unknown])[],
  place: (item: string, at: number) => Pick<Finding, 'message' | 'about' | 'path' | 'line'>,
): Finding[] {
  return items.flatMap(([item, value], at): Finding[] => {
    const looks = looksOf(value);
    if (looks !== 'clear' && looks !== 'damaged') return [];
    const { message, ...where } = place(item, at);
    if (looks === 'clear') return [{ ...where, rule: 'not-sealed', message: `${message} is not sealed` }];
    const isWrapped = typeof value === 'string' && valueFault(value) === 'wrapped';
    return [
      isWrapped
        ? {
            ...where,
            rule: 'wrapped-value',
            message: `${message} is damaged: it was wrapped into several lines`,
          }
        : { ...where, rule: 'cut-value', message: `${message} is damaged: it was cut or changed` },
    ];
  });
}
