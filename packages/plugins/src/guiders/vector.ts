// Sums over whole outputs, and over the channels at each position, in double precision as guidance papers define them.

/** The sum of products, element by element. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** The Euclidean norm. */
export function norm(a: Float32Array): number {
  return Math.sqrt(dot(a, a));
}

/** The standard deviation with Bessel's correction (n - 1), as torch takes it. */
export function standardDeviation(a: Float32Array): number {
  let sum = 0;
  for (const x of a) sum += x;
  const mean = sum / a.length;
  let squares = 0;
  for (const x of a) squares += (x - mean) ** 2;
  return Math.sqrt(squares / (a.length - 1));
}

/** `from + scale (to - from)`: at 0 the one, at 1 the other, beyond 1 away from the first. */
export function extrapolate(from: Float32Array, to: Float32Array, scale: number): Float32Array {
  const result = new Float32Array(to.length);
  for (let i = 0; i < to.length; i++) {
    const start = from[i] as number;
    result[i] = start + scale * ((to[i] as number) - start);
  }
  return result;
}
