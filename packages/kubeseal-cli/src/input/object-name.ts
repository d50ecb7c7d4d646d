/** How messages call an object: `shop/db`, or only the part that it has. */
export function objectName({
  namespace,
  name,
}: {
  namespace?: string | undefined;
  name?: string | undefined;
}): string {
  return [namespace, name].filter((part) => part).join('/');
}
