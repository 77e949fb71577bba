import { setTimeout as delay } from 'node:timers/promises';
import type { Session } from '../streams/session.ts';

/** The longest line that a guest may say, in bytes: 256 ports have less. */
const maxLine = 4096;
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
  while (!signal.aborted) {
    const reason = await session()
      .then((open) => listenOnce(open, onPorts))
      .catch(() => 'bad_request');
    if (reason === 'bad_request') return;
    await delay(againMs, undefined, { signal }).catch(() => {});
  }
}

/** Resolves with the reason for which the stream ended. */
function listenOnce(session: Session, onPorts: (ports: number[]) => void): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const stream = session.open(
      { to: 'listeners' },
      {
        data(bytes) {
          text += bytes.toString('latin1');
          // In the next turn: the guest's bytes are the session's until then.
          queueMicrotask(() => stream?.taken(bytes.length));
          for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
            const ports = parsePorts(text.slice(0, end));
            text = text.slice(end + 1);
            if (ports !== undefined) onPorts(ports);
          }
          if (text.length <= maxLine) return;
          stream?.reset('gone');
          resolve('too long');
        },
        end: () => resolve('ended'),
        reset: resolve,
        writable() {},
      },
    );
    if (stream === undefined) resolve('busy');
  });
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
