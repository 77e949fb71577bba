import { guestProgram } from './guest-program.ts';

/** Its ports, by what is done with a connection. */
export const serverPorts = {
  echo: 7001,
  count: 7002,
  source: 7003,
  resets: 7004,
  deaf: 7005,
  echoOnLoopback: 7006,
  echoOnLoopback6: 7007,
  closes: 7008,
  http: 7009,
  nobody: 7099,
} as const;

/** Answers datagrams. */
export const datagramPort = 7053;

export const portServer = (): Buffer => guestProgram('port-server');

/** Puts it into the guest and runs it there, where `/bin/sh` and `setsid` are; returns when it listens. */
export const startServerScript =
  'cat > /tmp/port-server && chmod +x /tmp/port-server || exit; ' +
  'setsid /tmp/port-server > /tmp/port-server.log 2>&1 < /dev/null & ' +
  'until grep -q listening /tmp/port-server.log 2>/dev/null; do sleep 0.1; done';
