export {
  type Bytes,
  decodeBase64,
  decodeUtf8,
  encodeBase64,
  encodeUtf8,
} from './bytes.ts';
export * from './diagnosis/diagnose.ts';
export { otherScopeOf } from './diagnosis/other-scope.ts';
export * from './diagnosis/sealing-note.ts';
export * from './errors.ts';
export {
  exportPrivateKey,
  generateKeyPair,
  type ImportOptions,
  importKeyPair,
  isSoundKeyPair,
  type RsaKeyPair,
} from './keys/key-pair.ts';
export * from './keys/pem.ts';
export * from './secret/api-rules.ts';
export { assembleSecret, isTemplate, type RenderTemplates } from './secret/assemble-secret.ts';
export { holdsSecret } from './secret/copies.ts';
export { type OpenedItems, type OpenOptions, openItems } from './secret/open-items.ts';
export * from './secret/parse.ts';
export { looksLikeSecret } from './secret/readings.ts';
export * from './secret/reseal.ts';
export * from './secret/resource.ts';
export { encryptionLabel, type Scope, scopeOf, withScope } from './secret/scope.ts';
export * from './secret/seal.ts';
export { type ItemPlace, type ItemTerms, sealItem } from './secret/seal-items.ts';
export * from './secret/unseal.ts';
export { type AllowedSigner, maySignAt, readAllowedSigners } from './signature/allowed-signers.ts';
export {
  checkSignature,
  type SignatureCheck,
  type SignatureState,
  signatureAnnotation,
} from './signature/check-signature.ts';
export { SIGNATURE, SIGNATURE_NAMESPACE, signedContent } from './signature/signed-content.ts';
export type { EnvelopeV1, SealedSizes } from './value/envelope-v1.ts';
export type { EnvelopeV2, RecipientEntry } from './value/envelope-v2.ts';
export { type Envelope, looksSealed, sealedSizes, type ValueFormat } from './value/format-table.ts';
export type { Key, KeyPair, Recipient, SealTerms } from './value/key.ts';
export { KeyRing } from './value/key-ring.ts';
export { openValue } from './value/open-value.ts';
export { openV1, sealV1 } from './value/v1.ts';
export { type ValueFacts, valueFactsOf } from './value/value-facts.ts';
