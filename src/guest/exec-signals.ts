import type { EventEmitter } from 'node:events';
import { MvmError } from '../errors/mvm-error.ts';
import type { SignalName } from '../protocol/host-messages.ts';
import type { Channel } from './channel.ts';

const names: readonly SignalName[] = ['INT', 'TERM', 'HUP', 'QUIT'];
/** So many SIGINTs end the exec even where the guest's process ignores them. */
const enough = 3;

/** Where signals come from: `process`, or a stand-in. */
export type SignalSource = Pick<EventEmitter, 'on' | 'off'>;

/**
 * Sends local signals on to the process in the guest. Before it runs, and at the third SIGINT, the exec
 * ends instead: `give up` gets INTERRUPTED. Returns a function that stops it.
 */
export function forwardSignals(
  source: SignalSource,
  channel: Channel<'exec'>,
  running: () => boolean,
  giveUp: (error: MvmError) => void,
): () => void {
  let interrupts = 0;
  const handlers = names.map((name) => {
    const handler = (): void => {
      if (name === 'INT') interrupts++;
      if (!running() || interrupts >= enough) giveUp(new MvmError('INTERRUPTED', `Stopped by SIG${name}.`));
      else channel.signal(name);
    };
    source.on(`SIG${name}`, handler);
    return { name, handler };
  });
  return () => {
    for (const { name, handler } of handlers) source.off(`SIG${name}`, handler);
  };
}
