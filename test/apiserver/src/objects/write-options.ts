/** How a write is done. */
export interface WriteOptions {
  readonly fieldManager: string;
  readonly isDryRun: boolean;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  readonly subresource: '' | 'status';
  /** The write is a PATCH, which refuses a foreign uid as invalid. */
  readonly isPatch?: boolean;
  /** managedFields were computed already, by server-side apply. */
  readonly isApply?: boolean;
  /** Collects texts for Warning headers. */
  readonly warnings: string[];
}
