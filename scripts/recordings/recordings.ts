/** A recording of docs/images, and the program that it shows. */
export interface Recording {
  readonly name: string;
  readonly title: string;
  /** What a person types. */
  readonly command: string;
  /** What runs in its place: the same program, without an installation. */
  readonly program: readonly string[];
}

/** Every terminal recording of the documentation. */
export const RECORDINGS: readonly Recording[] = [
  {
    name: 'demo',
    title: 'The demo: seal, apply, unseal, and two attacks that fail',
    command: 'npx -y pnpm@12 demo',
    program: ['examples/demo/demo.ts'],
  },
];
