// A normal number from two uniform ones (Box and Muller 1958), for the schedules whose training times are drawn from a
// normal distribution. A schedule is handed its uniform numbers one by one, so nothing is kept between calls: the
// second normal number that the method could give is left alone.

/**
 * A number of mean 0 and variance 1 from two calls of `uniform`, each in [0, 1). The first is turned round, to (0, 1],
 * because it goes through a logarithm.
 */
export function boxMullerNormal(uniform: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
  return radius * Math.cos(2 * Math.PI * uniform());
}
