/** Where the native helper is. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NAME = 'hms-native';

/**
 * Path of the helper, undefined when it is not built: what HMS_NATIVE says and nothing else when it is set (so that
 * `HMS_NATIVE=off` does without), else the one in the package, else the one of this checkout.
 */
export function findNative(
  env: NodeJS.ProcessEnv = process.env,
  root: string = packageRoot(),
): string | undefined {
  const said = env['HMS_NATIVE'];
  if (said) return isProgram(said) ? said : undefined;
  return nativePlaces(root).find(isProgram);
}

/** Where it is looked for in a package or checkout, the best first. */
export function nativePlaces(root: string = packageRoot()): readonly string[] {
  return [join(root, 'dist', 'native', NAME), join(root, 'native', 'target', 'release', NAME)];
}

/** What to do where it is not built. */
export function nativeRemedy(env: NodeJS.ProcessEnv = process.env, root: string = packageRoot()): string {
  if (env['HMS_NATIVE'])
    return `HMS_NATIVE is ${env['HMS_NATIVE']}, which is no program: unset it, or name one`;
  const crate = join(root, 'native', 'Cargo.toml');
  if (!existsSync(crate)) return 'this package has no sources of it: take a checkout, then npm run setup';
  return `with Rust 1.85 or newer (Debian 13: apt install cargo; else https://rustup.rs): cargo build --release --locked --manifest-path ${crate}`;
}

/** The folder of our package.json: above src/ as well as above dist/. */
export function packageRoot(from: string = import.meta.dirname): string {
  const above = dirname(from);
  return existsSync(join(from, 'package.json')) || above === from ? from : packageRoot(above);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
