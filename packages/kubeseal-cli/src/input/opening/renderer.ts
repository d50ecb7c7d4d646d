import { isTemplate, type RenderTemplates, type SealedSecret } from '@fuin/crypto-core';

/** The template engine of one run. */
export interface Renderer {
  readonly render: RenderTemplates;
  close(): Promise<void>;
}

/** Whether building the Secret needs the template engine. */
export function hasTemplate({ spec }: SealedSecret): boolean {
  return Object.values(spec.template?.data ?? {}).some(isTemplate);
}

/** Loads the sandbox, which costs a worker and a WebAssembly module, only if there are templates. */
export async function openRenderer(): Promise<Renderer> {
  const { createRenderer } = await import('@fuin/go-template');
  const renderer = createRenderer();
  return { render: (request) => renderer.render(request), close: async () => await renderer.close() };
}
