/** `play.ts SOCKET`: runs a console on it. Bundled by tests and run in a real terminal. */
import { runConsole } from '../../src/console/run.ts';

const [, , socket = '', mode = ''] = process.argv;
await runConsole({
  socket,
  mode: mode === 'observe' || mode === 'prepare' || mode === 'collaborate' ? mode : 'watch',
});
process.exit(0);
