import type { SigmaSpace } from './sigma-space.ts';

// Ancestral steps go down further than to the next noise level and come back up with fresh noise, so that the latent
// has the next level's distribution (Ho et al. 2020 in the variables of Karras et al. 2022; Crowson's k-diffusion):
//   down = to² / from, and fresh noise of deviation sqrt(to² - down²) where noise is added to data.
// Over a straight path the way up also takes the place of signal: the latent shrinks by alpha(to) / alpha(down).

/** How one ancestral step is split. */
export interface AncestralSplit {
  /** The sigma that is gone down to. */
  readonly down: number;
  /** What the latent at `down` is multiplied by on the way up, in the space of sigma. */
  readonly kept: number;
  /** The deviation of fresh noise, in the space of sigma. */
  readonly up: number;
}

/** Splits the step from one sigma to the next, above 0 or 0; rounded in the order in which diffusers rounds. */
export function ancestralSplit(
  space: SigmaSpace,
  from: number,
  to: number,
  round: (value: number) => number,
): AncestralSplit {
  if (to === 0) return { down: 0, kept: 1, up: 0 };
  const exact = (to * to) / from;
  if (space.axis.path === 'straight') {
    const kept = (1 - to) / (1 - exact);
    return { down: exact, kept, up: Math.sqrt(Math.max(0, to ** 2 - (kept * exact) ** 2)) };
  }
  const [from2, to2] = [round(from * from), round(to * to)];
  const up = round(Math.sqrt(Math.max(0, round(round(to2 * round(from2 - to2)) / from2))));
  const down = round(Math.sqrt(Math.max(0, round(to2 - round(up * up)))));
  return { down, kept: 1, up };
}
