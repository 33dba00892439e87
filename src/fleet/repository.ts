/** Whether a folder lies in a git repository. */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** By the `.git` in it or in a folder above it: a folder, or in a worktree a file. */
export async function inRepository(dir: string): Promise<boolean> {
  for (let here = dir; ; here = dirname(here)) {
    const found = await access(join(here, '.git')).then(
      () => true,
      () => false,
    );
    if (found) return true;
    if (here === dirname(here)) return false;
  }
}
