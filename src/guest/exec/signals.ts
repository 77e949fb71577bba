import { interruptedBy } from '../../errors/interrupted.ts';
import type { MvmError } from '../../errors/mvm-error.ts';
import { signalNames } from '../../protocol/host-messages.ts';
import type { Channel } from '../channel/channel.ts';
import type { SignalSource } from '../terminal/terminal.ts';

/** So many SIGINTs end the exec even where the guest's process ignores them. */
const enough = 3;
/** A guest that says nothing within this time, in milliseconds, after it was sent a signal did not get it. */
const answerMs = 1500;
/** Those that ask a process to end. A terminal has keys for them, so with one they end the exec itself. */
const endings: ReadonlySet<string> = new Set(['INT', 'TERM', 'HUP', 'QUIT']);

/**
 * Sends local signals on to the process in the guest. Before it runs, at the third SIGINT, and where the guest does not
 * answer, the exec ends instead: `giveUp` gets INTERRUPTED. Returns a function that stops it.
 * @param hasTerminal leaves those that ask for an end to the terminal
 */
export function forwardSignals(
  source: SignalSource,
  channel: Channel<'exec'>,
  running: () => boolean,
  giveUp: (error: MvmError) => void,
  hasTerminal = false,
): () => void {
  let interrupts = 0;
  const names = hasTerminal ? signalNames.filter((name) => !endings.has(name)) : signalNames;
  const handlers = names.map((name) => {
    const handler = (): void => {
      if (name === 'INT') interrupts++;
      const end = (): void => giveUp(interruptedBy(`SIG${name}`));
      if (!running() || interrupts >= enough) {
        end();
        return;
      }
      channel.signal(name);
      if (!endings.has(name)) return;
      void channel.isAnswering(answerMs).then((answers) => {
        if (!answers) end();
      });
    };
    source.on(`SIG${name}`, handler);
    return { name, handler };
  });
  return () => {
    for (const { name, handler } of handlers) source.off(`SIG${name}`, handler);
  };
}
