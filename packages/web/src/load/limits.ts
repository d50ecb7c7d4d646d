/** How many bytes a file of certificates may have. */
export const MOST_CERTIFICATE_BYTES = 1 << 18;
/** An API server accepts no object that is larger. */
export const MOST_MANIFEST_BYTES = 3 << 20;
/** All values of a Secret together have at most this many bytes. */
export const MOST_VALUE_BYTES = 1 << 20;
/** How many rows a form shows. */
export const MOST_ROWS = 256;
