import { setTimeout as delay } from 'node:timers/promises';
import { readLines } from '../streams/lines.ts';
import type { Session } from '../streams/session.ts';

/** Between a lost guest and the next question, in milliseconds. */
const againMs = 1000;

/**
 * Asks the guest which of its ports are listened on, again where the session is lost; ends where its agent does not tell.
 * @param onPorts is told all of them at first, and after each change
 */
export async function followListeners(
  session: () => Promise<Session>,
  onPorts: (ports: number[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const onLine = (line: string): void => {
    const ports = parsePorts(line);
    if (ports !== undefined) onPorts(ports);
  };
  while (!signal.aborted) {
    const reason = await session()
      .then((open) => readLines(open, { to: 'listeners' }, signal, { onLine }))
      .catch(() => 'bad_request');
    if (reason === 'bad_request') return;
    await delay(againMs, undefined, { signal }).catch(() => {});
  }
}

/** Undefined for what is no list of ports. */
export function parsePorts(line: string): number[] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isPort = (port: unknown): port is number =>
      Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;
    return Array.isArray(value) && value.every(isPort) ? value : undefined;
  } catch {
    return undefined;
  }
}
