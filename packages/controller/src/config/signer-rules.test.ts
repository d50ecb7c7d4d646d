import { describe, expect, it } from 'vitest';
import { parseSignerRules, signerModeOf } from './signer-rules.ts';

describe('parseSignerRules', () => {
  it.each([
    ['warn', { shop: 'warn', lab: 'warn' }],
    ['enforce', { shop: 'enforce', lab: 'enforce' }],
    ['enforce:shop', { shop: 'enforce', lab: 'off' }],
    ['enforce:shop,lab', { shop: 'enforce', lab: 'enforce' }],
    ['enforce:shop;warn', { shop: 'enforce', lab: 'warn' }],
    ['warn; enforce: shop, bank', { shop: 'enforce', lab: 'warn' }],
    ['enforce;off:lab', { shop: 'enforce', lab: 'off' }],
    ['warn:lab;enforce:shop', { shop: 'enforce', lab: 'warn' }],
    ['enforce:constructor', { constructor: 'enforce', toString: 'off' }],
  ])('%s', (text, modes) => {
    const rules = parseSignerRules(text);
    for (const [namespace, mode] of Object.entries(modes))
      expect(rules && signerModeOf(rules, namespace)).toBe(mode);
  });
  it.each(['off', 'off:shop', 'off;off:shop'])('asks for nothing with %s', (text) => {
    expect(parseSignerRules(text)).toBeUndefined();
  });
  it.each([
    ['', 'must be off, warn or enforce'],
    ['true', 'must be off, warn or enforce'],
    ['Enforce', 'must be off, warn or enforce'],
    ['off shop', 'must be off, warn or enforce'],
    ['enforce=shop', 'must be off, warn or enforce'],
    ['enforce:', 'must be off, warn or enforce'],
    ['enforce:,', 'must be off, warn or enforce'],
    ['enforce;', 'must be off, warn or enforce'],
    ['enforce:shop warn', '"shop warn" cannot be the name of a namespace'],
    ['enforce:Shop', '"Shop" cannot be the name of a namespace'],
    ['enforce:shop;warn:shop', 'says two things about shop'],
    ['enforce;warn', 'says two things about all other namespaces'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseSignerRules(text)).toThrow(reason);
  });
});
