// The weights of one step of multistep DPM-Solver++ (Lu et al. 2022, arXiv 2211.01095, section 4; the third order as in
// DPM-Solver, arXiv 2206.00927) on x = clean + sigma * noise, in lambda = -ln(sigma): x shrinks by sigma_t / sigma_s, and
// the clean estimates of the last evaluations take its place, extrapolated by finite differences. Coefficients are taken
// in float32, operation by operation, as diffusers takes them: differences of lambda cancel.

/** What each latent counts in the next x. */
export interface EdmStepWeights {
  readonly latent: number;
  /** The clean estimates, the latest first, at most `order`. */
  readonly clean: readonly number[];
  readonly noise: number;
}

const float = Math.fround;

/** The weights of the step from `sigmas[index]` to `sigmas[index + 1]`; sigma 0, the clean end, is for order 1 only. */
export function edmStepWeights(
  sigmas: readonly number[],
  step: {
    readonly index: number;
    /** 1 to 3, at most `index + 1`. */
    readonly order: number;
    readonly algorithm: 'ode' | 'sde';
    readonly correction: 'midpoint' | 'heun';
  },
): EdmStepWeights {
  const { index, order, algorithm } = step;
  const sigmaAt = (offset: number) => sigmas[index + offset] as number;
  const lambdaAt = (offset: number) => -float(Math.log(sigmaAt(offset)));
  const h = float(lambdaAt(1) - lambdaAt(0));
  const ratio = float(sigmaAt(1) / sigmaAt(0));
  if (h === 0) return { latent: ratio, clean: [0], noise: 0 };
  const left = float(Math.exp(-h));
  const double = float(Math.exp(float(-2 * h)));
  const sde = algorithm === 'sde';
  const gain = sde ? float(1 - double) : -float(left - 1); // of the latest estimate
  const latent = sde ? float(ratio * left) : ratio;
  const noise = sde ? float(sigmaAt(1) * float(Math.sqrt(Math.max(0, float(1 - double))))) : 0;
  if (order === 1) return { latent, clean: [gain], noise };

  const past = float(lambdaAt(0) - lambdaAt(-1));
  const slope = float(1 / float(past / h)); // 1 / r0
  const first = firstDifferenceWeight({ h, gain, sde, midpoint: step.correction === 'midpoint' && order === 2 });
  if (order === 2) return { latent, clean: [gain + first * slope, -first * slope], noise };

  const [r0, r1] = [float(past / h), float(float(lambdaAt(-1) - lambdaAt(-2)) / h)];
  const earlier = float(1 / r1);
  const [share, curve] = [float(r0 / float(r0 + r1)), float(1 / float(r0 + r1))];
  const second = -float(float(float(float(left - 1) + h) / float(h * h)) - 0.5);
  // D1 = d0 + share (d0 - d1) and D2 = curve (d0 - d1), of d0 = slope (m0 - m1) and d1 = earlier (m1 - m2)
  const onLatest = slope * (first * (1 + share) + second * curve);
  const onEarlier = -earlier * (first * share + second * curve);
  return { latent, clean: [gain + onLatest, onEarlier - onLatest, -onEarlier], noise };
}

/** The weight of the first difference D1. */
function firstDifferenceWeight(step: {
  readonly h: number;
  readonly gain: number;
  readonly sde: boolean;
  readonly midpoint: boolean;
}): number {
  const { h, gain, sde } = step;
  if (step.midpoint) return 0.5 * gain;
  return sde ? float(float(gain / float(-2 * h)) + 1) : float(float(-gain / h) + 1);
}
