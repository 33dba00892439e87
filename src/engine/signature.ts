/** Telling one state of some files from another without reading them. */
import { stat } from 'node:fs/promises';
import { errnoOf } from '../model/errors.ts';

/** Changes whenever a file is written, replaced, removed or comes back. */
export async function signatureOf(files: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    files.map(async file => {
      try {
        const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
        return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
      } catch (error) {
        return `${file} ${errnoOf(error)}`;
      }
    }),
  );
  return parts.join('\n');
}
