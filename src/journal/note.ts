/**
 * C2SP signed notes (c2sp.org/signed-note) with Ed25519 (signature type 0x01), and the checkpoints of
 * c2sp.org/tlog-checkpoint that are such notes: origin, size and root of the log, signed.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { HmsError } from '../model/errors.ts';

const ED25519 = 0x01;
/** DER of an Ed25519 SubjectPublicKeyInfo up to the 32 bytes of the key (RFC 8410 §4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/u;
/** Signature lines looked at in one note; the specification asks for at least 16. */
const MOST_SIGNATURES = 64;

/** A public key with the name it signs under. Its text form is the vkey `name+keyid+base64`. */
export interface Verifier {
  readonly name: string;
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key), lower-case hex. */
  readonly id: string;
  readonly key: KeyObject;
}

export interface Signer extends Verifier {
  readonly secret: KeyObject;
}

export interface Checkpoint {
  readonly origin: string;
  /** Number of events. */
  readonly size: number;
  /** Merkle root over them, lower-case hex. */
  readonly root: string;
}

function rawKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
}

function keyId(name: string, raw: Buffer): string {
  const id = createHash('sha256').update(`${name}\n`).update(Buffer.of(ED25519)).update(raw).digest();
  return id.subarray(0, 4).toString('hex');
}

/** The signer of this name with this Ed25519 private key. Names hold neither white space nor `+`. */
export function signer(name: string, secret: KeyObject): Signer {
  if (name === '' || /[\s+]/u.test(name)) {
    throw new HmsError(
      'bad-origin',
      `${JSON.stringify(name)} cannot name a log`,
      'no white space and no + in it',
    );
  }
  const key = createPublicKey(secret);
  return { name, id: keyId(name, rawKey(key)), key, secret };
}

/** The vkey: what an outsider needs, from somewhere they trust, to check this log. */
export function vkeyOf(verifier: Verifier): string {
  const material = Buffer.concat([Buffer.of(ED25519), rawKey(verifier.key)]);
  return `${verifier.name}+${verifier.id}+${material.toString('base64')}`;
}

/** Reads a vkey; undefined when it is not one of an Ed25519 key or its key id is not the key's. */
export function parseVkey(vkey: string): Verifier | undefined {
  const [, name, id, material] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u.exec(vkey) ?? [];
  if (name === undefined || id === undefined || material === undefined) return undefined;
  const bytes = Buffer.from(material, 'base64');
  if (bytes.length !== 33 || bytes[0] !== ED25519 || bytes.toString('base64') !== material) return undefined;
  const raw = bytes.subarray(1);
  if (keyId(name, raw) !== id) return undefined;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return { name, id, key };
}

/** Signs a text, which ends in a newline. */
export function signNote(text: string, by: Signer): string {
  const signature = Buffer.concat([Buffer.from(by.id, 'hex'), sign(null, Buffer.from(text), by.secret)]);
  return `${text}\n— ${by.name} ${signature.toString('base64')}\n`;
}

/**
 * The signed text of a note, or undefined unless it is well formed and carries a good signature of `by`.
 * Signatures of others (witnesses) are passed over, as the specification asks.
 */
export function openNote(note: string, by: Verifier): string | undefined {
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.isWellFormed() || !note.endsWith('\n'))
    return undefined;
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0) return undefined;
  const text = note.slice(0, blank + 1);
  const lines = note.slice(blank + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) return undefined;
  let good = false;
  for (const line of lines) {
    const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
    if (name === undefined || base64 === undefined) return undefined;
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length < 5 || bytes.toString('base64') !== base64) return undefined;
    if (name !== by.name || bytes.subarray(0, 4).toString('hex') !== by.id) continue;
    if (!verify(null, Buffer.from(text), by.key, bytes.subarray(4))) return undefined;
    good = true;
  }
  return good ? text : undefined;
}

/** The note text of a checkpoint. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`;
}

/** Reads a checkpoint's text; undefined when it is not one. Extension lines are allowed and passed over. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [, origin, size, base64, rest] =
    /^([^\n]+)\n(0|[1-9]\d*)\n([^\n]+)\n((?:[^\n]+\n)*)$/.exec(text) ?? [];
  if (origin === undefined || size === undefined || base64 === undefined || rest === undefined)
    return undefined;
  const root = Buffer.from(base64, 'base64');
  if (root.length !== 32 || root.toString('base64') !== base64 || !Number.isSafeInteger(Number(size)))
    return undefined;
  return { origin, size: Number(size), root: root.toString('hex') };
}

/** The checkpoint a note holds, or undefined unless `by` signed it for its own log. */
export function openCheckpoint(note: string, by: Verifier): Checkpoint | undefined {
  const text = openNote(note, by);
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
  return checkpoint?.origin === by.name ? checkpoint : undefined;
}
