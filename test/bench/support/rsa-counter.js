import { writeFileSync } from 'node:fs';

/**
 * Preloaded (`node --import`) into the controller under measurement: counts RSA decryptions and keeps the number in the file
 * that FUIN_RSA_COUNT names, 250 ms old at most. JavaScript, since stripping types would load a compiler into the process whose memory
 * is measured.
 */
const file = process.env['FUIN_RSA_COUNT'];
if (file !== undefined) {
  const { subtle } = globalThis.crypto;
  const decrypt = subtle.decrypt.bind(subtle);
  let [count, written] = [0, -1];
  subtle.decrypt = (algorithm, key, data) => {
    if (key.algorithm.name === 'RSA-OAEP') count += 1;
    return decrypt(algorithm, key, data);
  };
  const write = () => {
    if (count === written) return;
    written = count;
    writeFileSync(file, String(count));
  };
  setInterval(write, 250).unref();
  process.once('exit', write);
}
