/**
 * Blocks of one modality and one latent shape are of one kind: they are computed together, because a compiled function
 * has fixed shapes. A modality has as many kinds as its adapter has latent shapes.
 */
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';

/** What blocks that are computed together have in common. */
export interface BlockKind {
  readonly modality: string;
  readonly latentShape: readonly number[];
  /** Tokens of a block: the product of its grid. */
  readonly tokens: number;
}

/** The name of a kind, for example `image 32x32x3`: key of batch shapes, first word of inputs and outputs. */
export function blockKindName(modality: string, latentShape: readonly number[]): string {
  return `${modality} ${latentShape.join('x')}`;
}

/** Every latent shape an adapter works at. */
export function latentShapesOf(adapter: ContinuousAdapter): readonly (readonly number[])[] {
  return adapter.latentShapes ?? [adapter.defaultLatentShape];
}

/** Every kind of block of a model's adapters, by name. */
export function blockKinds(
  continuous: Readonly<Record<string, ContinuousAdapter>>,
): Readonly<Record<string, BlockKind>> {
  const kinds = Object.entries(continuous).flatMap(([modality, adapter]) =>
    latentShapesOf(adapter).map((latentShape) => {
      const tokens = gridSize(adapter.tokenGrid(latentShape));
      return [blockKindName(modality, latentShape), { modality, latentShape, tokens }] as const;
    }),
  );
  return Object.fromEntries(kinds);
}

/** How many tokens a grid has. */
export function gridSize(grid: readonly number[]): number {
  return grid.reduce((product, size) => product * size, 1);
}
