export { describeFailure, type FailureKind, TemplateError, type TemplateFailure } from './errors.ts';
export { createRenderer, type Renderer, type RendererOptions, type RenderRequest } from './renderer.ts';
