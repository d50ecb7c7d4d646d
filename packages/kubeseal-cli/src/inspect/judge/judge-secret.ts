import { looksOf } from '../check-value.ts';
import { type Fields, type Finding, fieldsOf, hasItems, inside, nameOf, type Place } from './finding.ts';

/** Judges an object of kind Secret. */
export function judgeSecret(object: Fields, place: Place): Finding[] {
  if (!isClearSecret(object)) return [];
  const { label } = place;
  const field = hasItems(object['stringData']) ? 'stringData' : 'data';
  return [
    {
      rule: 'plain-secret',
      message: `${label} is a Secret in the clear: ${nameOf(object)}`,
      about: ['Secret', nameOf(object)],
      path: inside(place, field).path,
    },
  ];
}

/** Whether the object has items in the clear, beside the `spec` of a SealedSecret too. */
export function isClearSecret(object: Fields): boolean {
  const clear = [object['data'], object['stringData']].filter(hasItems);
  return clear.length > 0 && !clear.every((items) => isReferring(items)) && !isEncrypted(object);
}

/** Whether each item refers to a value that is stored elsewhere. */
export function isReferring(items: unknown): boolean {
  if (typeof items === 'string') return looksOf(items) === 'reference';
  return Object.values(fieldsOf(items)).every((value) => looksOf(value) === 'reference');
}

/** Whether an object that is part of another has items like those of a Secret: strings, and no maps. */
export function hasTextItems(object: Fields): boolean {
  return [object['data'], object['stringData']].some((items) => {
    if (typeof items === 'string') return true;
    const values = Object.values(fieldsOf(items));
    return (
      values.some((value) => typeof value === 'string') && !values.some((value) => typeof value === 'object')
    );
  });
}

const SOPS_VALUE = /^ENC\[[A-Z0-9_]+,data:[^\],]*,iv:[^\]]+,tag:[^\]]+\]$/;
/** Ciphertext, IV and tag in base64: with dots it can be no value of a Secret. */
const KUBESEC_VALUE = /^[A-Za-z0-9+/]+={0,2}\.[A-Za-z0-9+/]+={0,2}\.[A-Za-z0-9+/]+={0,2}$/;

/**
 * Whether SOPS or kubesec encrypted every value. SOPS writes a MAC over all of them; that of kubesec is in a
 * comment.
 */
function isEncrypted({ data, stringData, sops }: Fields): boolean {
  const values = [data, stringData].flatMap((items) =>
    typeof items === 'string' ? [items] : Object.values(fieldsOf(items)),
  );
  const areAll = (pattern: RegExp) =>
    values.every((value) => value === '' || (typeof value === 'string' && pattern.test(value)));
  const mac = fieldsOf(sops)['mac'];
  const isSops = typeof mac === 'string' && SOPS_VALUE.test(mac) && areAll(SOPS_VALUE);
  return isSops || (!hasItems(stringData) && areAll(KUBESEC_VALUE));
}
