/**
 * NAB's own `windowedGaussian` detector (`nab/detectors/gaussian`, MIT, Copyright 2016 Numenta Inc.): measured beside
 * ours, and proof that the scorer is NAB's, since its published result comes out of it.
 */
const WINDOW = 6400;
const STEP = 100;
const LEAST_DEVIATION = 0.000001;
/** NAB's published result files hold twelve digits behind the point; at the best threshold, 1, that matters. */
const DIGITS = 1e12;

export function windowedGaussian(values: ArrayLike<number>): Float64Array {
  const scores = new Float64Array(values.length);
  let [mean, deviation] = [0, 1];
  let from = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    if (at > 0) {
      const score = 1 - upperTail(Math.abs(value - mean) / deviation);
      scores[at] = Math.round(score * DIGITS) / DIGITS;
    }
    const held = at + 1 - from;
    if (held > WINDOW && held < WINDOW + STEP) continue;
    if (held === WINDOW + STEP) from += STEP;
    [mean, deviation] = moments(values, from, at + 1);
  }
  return scores;
}

/** Two passes, as numpy does. The quadratic cost is the original's. */
function moments(values: ArrayLike<number>, from: number, to: number): [mean: number, deviation: number] {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += values[at] ?? 0;
  const mean = sum / (to - from);
  let squares = 0;
  for (let at = from; at < to; at += 1) squares += ((values[at] ?? 0) - mean) ** 2;
  const deviation = Math.sqrt(squares / (to - from));
  return [mean, deviation === 0 ? LEAST_DEVIATION : deviation];
}

/** Probability of a standard normal above z ≥ 0, to about 1e-15: a series near 0, a continued fraction beyond. */
function upperTail(z: number): number {
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n += 1) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let n = 60; n >= 1; n -= 1) fraction = z + n / fraction;
  return density / fraction;
}
