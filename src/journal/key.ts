/** The file of the key that signs checkpoints: Ed25519, PKCS #8 in PEM, readable by its owner alone. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { errnoOf, HmsError, wordsOf } from '../model/errors.ts';

/** The key in the file, or undefined when there is no such file. Throws HmsError `bad-key` on anything else. */
export function readKey(path: string): KeyObject | undefined {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw new HmsError(
      'bad-key',
      `cannot read the journal's key ${path}: ${wordsOf(error)}`,
      'make it readable for you',
    );
  }
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new HmsError(
    'bad-key',
    `${path} holds no Ed25519 private key`,
    'put the journal’s own key file back',
  );
}

/** The key in the file; made with mode 0600 when there is none. Two that make it at once get the same one. */
export function ensureKey(path: string): KeyObject {
  const there = readKey(path);
  if (there !== undefined) return there;
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  // Written whole under another name first: a crash leaves no half key.
  const fresh = `${path}.${process.pid}.new`;
  rmSync(fresh, { force: true });
  const file = openSync(fresh, 'wx', 0o600);
  try {
    writeSync(file, pem.toString());
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(fresh, path);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  const made = readKey(path);
  if (made === undefined) throw new HmsError('bad-key', `${path} is gone as soon as made`);
  return made;
}
