/** MLKEM768-X25519 in JavaScript alone. Loaded where the runtime does not have it. */
export { KEM_MLKEM768_X25519 as nobleKem } from '@panva/hpke-noble';
