/** Whether a file of this name is read where nobody names it: below a directory, and before a commit. */
export function isManifestName(name: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(name);
}
