/**
 * Maps with at most `limit` calls at once; results keep the order of the inputs. The first rejection rejects
 * the whole, and nothing more is started.
 */
export async function mapConcurrently<T, R>(
  inputs: readonly T[],
  limit: number,
  map: (input: T) => Promise<R>,
): Promise<R[]> {
  const outputs: R[] = [];
  const entries = inputs.entries(); // shared: each worker takes the next one
  let hasFailed = false;
  const work = async () => {
    for (const [index, input] of entries) {
      if (hasFailed) return;
      try {
        outputs[index] = await map(input);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, inputs.length) }, work));
  return outputs;
}
