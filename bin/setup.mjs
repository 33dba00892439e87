/**
 * npm start, npm test, npm run setup. This file only guards: it must be readable by a Node too old for the rest.
 */
var major = Number(process.versions.node.split('.')[0]);
if (major < 18) {
  console.error(
    'hms-tui: set-up needs Node 18 or newer, and this is ' +
      process.version +
      '. Install a newer one (https://nodejs.org), then run this again.',
  );
  process.exit(69);
}
import('./setup/main.mjs').then(setup => setup.main(process.argv.slice(2)));
