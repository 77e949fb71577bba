import { createConnection, type Socket } from 'node:net';
import { MvmError } from '../../../errors/mvm-error.ts';

/** More than any answer that we ask for; QEMU's schema, the largest, has about 200 KiB. */
const maxLineBytes = 1024 * 1024;

export interface QmpEvent {
  event: string;
  data: Record<string, unknown>;
}

export interface Qmp {
  /** Runs a command. Throws BACKEND_FAILED when QEMU refuses it, goes away or takes over `timeoutMs`. */
  execute(command: string, args?: Record<string, unknown>, timeoutMs?: number): Promise<unknown>;
  /** Each event from now on; returns a function that ends that. */
  onEvent(listener: (event: QmpEvent) => void): () => void;
  /** Resolves when QEMU has closed the connection: it ended, or is about to. */
  readonly closed: Promise<void>;
  close(): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function failure(path: string, what: string, cause?: unknown): MvmError {
  return new MvmError('BACKEND_FAILED', `QEMU's control socket ${path}: ${what}.`, { cause });
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/**
 * Speaks QMP (docs/interop/qmp-spec in QEMU): one JSON object a line, a greeting first. Resolves when QEMU
 * has answered `qmp_capabilities`, which it does from its main loop, so the machine exists by then. Rejects
 * with the socket's own error where nothing listens, else with BACKEND_FAILED.
 */
export async function connectQmp(path: string, timeoutMs = 10_000): Promise<Qmp> {
  const socket = await open(path);
  const waiting = new Map<string, Waiting>();
  const listeners = new Set<(event: QmpEvent) => void>();
  const greeting = Promise.withResolvers<unknown>();
  const closed = Promise.withResolvers<void>();
  greeting.promise.catch(() => {}); // Awaited below, unless the connection fails before that.
  waiting.set('greeting', greeting);
  let rest = '';
  let next = 0;

  function fail(error: Error): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function receive(line: string): void {
    let message: Record<string, unknown> | undefined;
    try {
      message = record(JSON.parse(line));
    } catch {
      // Falls through to the same refusal as JSON of another shape.
    }
    if (message === undefined) {
      socket.destroy(failure(path, 'a line is not a JSON object'));
    } else if ('QMP' in message) {
      settle('greeting')?.resolve(message.QMP);
    } else if (typeof message.event === 'string') {
      const event: QmpEvent = { event: message.event, data: record(message.data) ?? {} };
      for (const listener of listeners) listener(event);
    } else if ('error' in message) {
      const text = String(record(message.error)?.desc ?? 'unknown error');
      settle(message.id)?.reject(failure(path, text));
    } else if ('return' in message) {
      settle(message.id)?.resolve(message.return);
    }
  }

  function settle(id: unknown): Waiting | undefined {
    if (typeof id !== 'string') return undefined;
    const found = waiting.get(id);
    waiting.delete(id);
    return found;
  }

  function expect(id: string, entry: Waiting, what: string, ms: number): void {
    const timer = setTimeout(() => {
      if (waiting.delete(id)) entry.reject(failure(path, `no answer to ${what} within ${ms} ms`));
    }, ms);
    waiting.set(id, {
      resolve: (value) => {
        clearTimeout(timer);
        entry.resolve(value);
      },
      reject: (error) => {
        clearTimeout(timer);
        entry.reject(error);
      },
    });
  }

  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') receive(line);
    if (rest.length > maxLineBytes) socket.destroy(failure(path, 'a line is too long'));
  });
  socket.on('error', (error) =>
    fail(error instanceof MvmError ? error : failure(path, error.message, error)),
  );
  socket.on('close', () => {
    fail(failure(path, 'QEMU closed the connection'));
    closed.resolve();
  });

  const qmp: Qmp = {
    execute(command, args, ms = timeoutMs) {
      const answer = Promise.withResolvers<unknown>();
      if (socket.destroyed) return Promise.reject(failure(path, 'QEMU closed the connection'));
      const id = String(next++);
      expect(id, answer, command, ms);
      socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
      return answer.promise;
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    closed: closed.promise,
    close: () => socket.destroy(),
  };
  try {
    expect('greeting', greeting, 'the connection', timeoutMs);
    await greeting.promise;
    await qmp.execute('qmp_capabilities');
    return qmp;
  } catch (error) {
    qmp.close();
    throw error;
  }
}
