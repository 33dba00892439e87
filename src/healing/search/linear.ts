/** What searches need of linear algebra, for tens of dimensions. Matrices are rows. */
export type Vector = number[];
export type Matrix = number[][];

export const at = (vector: readonly number[], index: number): number => vector[index] ?? 0;

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, one, index) => sum + one * at(b, index), 0);

export const norm = (a: readonly number[]): number => Math.sqrt(dot(a, a));

export const times = (matrix: readonly (readonly number[])[], vector: readonly number[]): Vector =>
  matrix.map(row => dot(row, vector));

/** a + factor·b */
export const plus = (a: readonly number[], b: readonly number[], factor = 1): Vector =>
  a.map((one, index) => one + factor * at(b, index));

export const identity = (size: number): Matrix =>
  Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => (row === column ? 1 : 0)),
  );

export interface Eigen {
  readonly values: Vector;
  /** Unit vectors as columns: `vectors[row][k]` belongs to `values[k]`. */
  readonly vectors: Matrix;
}

const SWEEPS = 60;

/** Eigenvalues and vectors of a symmetric matrix by Jacobi rotations (Golub and Van Loan, §8.5). */
export function eigen(symmetric: readonly (readonly number[])[]): Eigen {
  const size = symmetric.length;
  const a = symmetric.map(row => [...row]);
  const vectors = identity(size);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    let off = 0;
    let diagonal = 0;
    for (let p = 0; p < size; p += 1) {
      diagonal += cell(a, p, p) ** 2;
      for (let q = p + 1; q < size; q += 1) off += cell(a, p, q) ** 2;
    }
    if (off <= 1e-30 * diagonal) break;
    for (let p = 0; p < size; p += 1) for (let q = p + 1; q < size; q += 1) rotate(a, vectors, p, q);
  }
  return { values: a.map((row, index) => at(row, index)), vectors };
}

const cell = (matrix: Matrix, row: number, column: number): number => matrix[row]?.[column] ?? 0;

function rotate(a: Matrix, vectors: Matrix, p: number, q: number): void {
  const apq = cell(a, p, q);
  if (apq === 0) return;
  const theta = (cell(a, q, q) - cell(a, p, p)) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const columns = (matrix: Matrix): void => {
    for (const row of matrix) {
      const [x, y] = [at(row, p), at(row, q)];
      row[p] = c * x - s * y;
      row[q] = s * x + c * y;
    }
  };
  columns(a);
  const [rowP, rowQ] = [a[p] ?? [], a[q] ?? []];
  rowP.forEach((x, index) => {
    const y = at(rowQ, index);
    rowP[index] = c * x - s * y;
    rowQ[index] = s * x + c * y;
  });
  columns(vectors);
}
