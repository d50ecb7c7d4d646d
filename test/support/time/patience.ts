/**
 * How long a test waits for what must come. Only a hang takes so long: a machine with a load of 30 does not.
 */
export const PATIENCE_MS = 120_000;
