import type { GuestMessage } from './guest-messages.ts';
import { generation, type OpenMessage } from './host-messages.ts';
import { violation } from './violation.ts';

/**
 * Checks that the guest's messages come in an order that the operation allows. The function that it
 * returns throws GUEST_PROTOCOL for the first message out of place.
 */
export function createOrder(open: OpenMessage): (message: GuestMessage) => void {
  let welcomed = false;
  let started = false;
  let live = false;
  const ended = new Set<number>();
  const interactive = open.op === 'exec' || open.op === 'console';
  const wantsNotices = interactive && open.listeners === true;
  const { op } = open;
  const isWrite = open.op === 'copy' && open.direction === 'write';
  /** Answered by RESULT alone. */
  const single = op === 'info' || (op === 'services' && !open.follow);

  function allowed(message: GuestMessage): boolean {
    // The guest lives, whatever it is doing: WELCOME may still be on its way.
    if (message.type === 'error' || message.type === 'pong') return true;
    if (message.type === 'welcome') return !welcomed;
    if (!welcomed) return false;
    switch (message.type) {
      case 'started':
        return !started && !single;
      case 'credit':
        return interactive || isWrite || op === 'ssh';
      case 'notice':
        return wantsNotices;
      case 'resize':
        return started && open.op === 'console';
      case 'live':
        return started && open.op === 'console' && !live;
      case 'data':
        return started && dataAllowed(message.stream);
      case 'stream':
        return started && op === 'streams';
      case 'eof':
        return started && open.op === 'exec' && !open.tty && !ended.has(message.stream);
      case 'event':
        return started && (op === 'boot' || op === 'services');
      case 'exit':
        return started && (interactive || op === 'entrypoint');
      case 'result':
        return single || (started && ['shutdown', 'service', 'logs', 'copy', 'ssh'].includes(op));
    }
  }

  function dataAllowed(stream: number): boolean {
    if (open.op === 'console') return stream === 3 || (stream === 1 && live);
    if (open.op === 'logs') return stream === 1;
    if (open.op === 'copy') return stream === 1 && !isWrite;
    if (open.op === 'entrypoint') return stream <= 2;
    return open.op === 'exec' && stream <= (open.tty ? 1 : 2) && !ended.has(stream);
  }

  return (message) => {
    if (!allowed(message))
      throw violation('order', `${message.type.toUpperCase()} is out of place in the operation ${open.op}`);
    if (message.type === 'welcome') {
      welcomed = true;
      if (message.generation > generation)
        throw violation('order', `generation ${message.generation} was not offered`);
    } else if (message.type === 'started') started = true;
    else if (message.type === 'live') live = true;
    // A host that lagged behind gets another replay.
    else if (message.type === 'resize' || (message.type === 'data' && message.stream === 3)) live = false;
    else if (message.type === 'eof') ended.add(message.stream);
  };
}
