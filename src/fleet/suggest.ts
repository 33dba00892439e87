/** "Did you mean": the nearest of the known words, when it is near enough to be a slip of the fingers. */

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment distance). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const best = Math.min(at(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, at(i - 1, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(best, at(i - 2, j - 2) + 1) : best);
    }
  }
  return at(a.length, b.length);
}

/** At most a third of the word may be wrong; longer words than any of ours are not looked at. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const near = known
    .map(name => ({ name, off: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, off }) => off <= Math.max(1, Math.floor(Math.max(word.length, name.length) / 3)))
    .toSorted((a, b) => a.off - b.off);
  return near[0]?.name;
}

/** `did you mean "claude"?`, else `it is one of command, claude`. */
export function hintFor(word: string, known: readonly string[]): string {
  if (known.length === 1) return `only "${known[0]}" is possible`;
  const name = suggest(word, known);
  if (name !== undefined) return `did you mean "${name}"?`;
  return known.length === 0 ? '' : `it is one of ${known.join(', ')}`;
}
