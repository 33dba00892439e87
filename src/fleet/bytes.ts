/** The bytes of a file that people write, as text: no device, not endless, UTF-8. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { errnoOf, HmsError, wordsOf } from '../model/errors.ts';
import { Digest } from '../model/ids.ts';
import { FleetFileError } from './issue.ts';

const MAX_BYTES = 1 << 20;

interface FleetText {
  readonly text: string;
  readonly digest: Digest;
}

/**
 * Throws HmsError `fleet-unreadable`, or FleetFileError when the bytes are no text. `shown` names the file to people,
 * `what` says what it is.
 */
export async function readFleetText(
  file: string,
  shown: string,
  what = 'the fleet file',
): Promise<FleetText> {
  const bytes = await readSafely(file, shown, what);
  const wrong = firstNonUtf8(bytes);
  if (wrong >= 0) {
    const before = bytes.subarray(0, wrong).toString('latin1').split('\n');
    const utf16 = bytes[0] === 0xff || bytes[0] === 0xfe;
    throw new FleetFileError(shown, [
      {
        line: before.length,
        col: (before.at(-1) ?? '').length + 1,
        path: '',
        reason: utf16 ? 'it is UTF-16, not UTF-8' : `byte 0x${(bytes[wrong] ?? 0).toString(16)} is not UTF-8`,
        hint: 'save it as UTF-8',
      },
    ]);
  }
  return { text: new TextDecoder().decode(bytes), digest: digestOf(bytes) };
}

/** SHA-256 of a file's bytes, or of the text they are. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return Digest.parse(createHash('sha256').update(bytes).digest('hex'));
}

async function readSafely(file: string, shown: string, what: string): Promise<Buffer> {
  const no = (why: string, hint: string, cause?: unknown): HmsError =>
    new HmsError('fleet-unreadable', `cannot read ${what} ${shown}: ${why}`, hint, { cause });
  try {
    // A pipe or a device could keep us for ever.
    const found = await stat(file);
    if (found.isDirectory())
      throw no(
        'it is a folder',
        what === 'the fleet file' ? `did you mean ${shown.replace(/\/$/, '')}/hms.yaml?` : '',
      );
    if (!found.isFile()) throw no('it is not a regular file', '');
    if (found.size > MAX_BYTES)
      throw no(`it has ${found.size} bytes, ${MAX_BYTES} are the most`, 'is it the right file?');
    return await readFile(file);
  } catch (error) {
    if (error instanceof HmsError) throw error;
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') throw no('it is not there', 'check the path', error);
    if (errno === 'EACCES') throw no('its permissions do not allow it', '', error);
    throw no(wordsOf(error), '', error);
  }
}

/** Offset of the first byte that cannot be UTF-8, -1 when all can. */
function firstNonUtf8(bytes: Buffer): number {
  const fits = (end: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  const whole = Buffer.from(new TextDecoder().decode(bytes, { stream: false }), 'utf8');
  if (whole.equals(bytes) || whole.equals(bytes.subarray(3))) return -1;
  // The longest prefix that may be the beginning of UTF-8: it shrinks by halves.
  let low = 0;
  let high = bytes.length;
  if (fits(high)) return bytes.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
