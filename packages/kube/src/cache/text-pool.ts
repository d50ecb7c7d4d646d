/** V8 shares shorter texts itself; longer ones, such as sealed values, hardly ever come twice. */
const [SHORTEST, LONGEST] = [11, 128];
/** Names and uids come once each: then the pool starts over, and what is common comes into it again. */
const MAX_TEXTS = 2_000;

/** One copy of texts that come again and again. */
type TextPool = Map<string, string>;

/**
 * Puts the texts of a pool into an object that was just parsed, and new texts into the pool; parts that are
 * frozen stay. API versions, times, fingerprints and namespaces come again and again, and JSON that is parsed
 * has a copy for each place. Without recursion, like deepFreeze.
 */
export function shareTexts<Value extends object>(object: Value, pool: TextPool): Value {
  const pending: object[] = [object];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (Object.isFrozen(part)) continue;
    const fields = part as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      const child = fields[key];
      if (typeof child === 'string') fields[key] = shared(child, pool);
      else if (typeof child === 'object' && child !== null) pending.push(child);
    }
  }
  return object;
}

function shared(text: string, pool: TextPool): string {
  if (text.length < SHORTEST || text.length > LONGEST) return text;
  const known = pool.get(text);
  if (known !== undefined) return known;
  if (pool.size >= MAX_TEXTS) pool.clear();
  pool.set(text, text);
  return text;
}
