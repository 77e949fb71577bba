import { violation } from '../../protocol/violation.ts';
import { createModes } from './modes.ts';
import { endOfText } from './utf8-end.ts';

/** Lines of scrollback that a restoration carries. */
export const scrollback = 1000;
/** Sizes beyond these are the guest's mistake or malice; a screen of 65535 × 65535 would take 50 GB. */
const mostRows = 500;
const mostCols = 1000;
/** No agent records so much; 64 MiB. */
const maxBytes = 64 * 1024 * 1024;

/** A recording of a terminal's output, played on an invisible terminal. */
export interface Replay {
  write(bytes: Buffer): Promise<void>;
  /** The size at which what follows was written. */
  resize(rows: number, cols: number): Promise<void>;
  /**
   * What puts a local terminal of this size into the recorded state: its earlier content is scrolled away,
   * then come scrollback, screen, cursor and modes. Empty where nothing was recorded.
   */
  finish(rows: number, cols: number): Promise<Buffer>;
}

interface Cursor {
  y: number;
  x: number;
}

/** Parts of xterm.js that have no public name; each may be missing. */
interface Internals {
  _core?: {
    buffer?: { scrollTop?: number; scrollBottom?: number; tabs?: Record<number, boolean> };
  };
}

/**
 * Starts with the size that OPEN named. Queries in the recording get no answer: what the hidden terminal
 * would reply is dropped.
 */
export async function createReplay(rows: number, cols: number): Promise<Replay> {
  // Loaded here, as only a reattachment needs them.
  const headless = await import('@xterm/headless');
  const addon = await import('@xterm/addon-serialize');
  const Terminal = headless.Terminal ?? headless.default.Terminal;
  const SerializeAddon = addon.SerializeAddon ?? addon.default.SerializeAddon;
  const terminal = new Terminal({
    ...clamp(rows, cols),
    scrollback,
    allowProposedApi: true,
    logLevel: 'off',
  });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer as unknown as Parameters<typeof terminal.loadAddon>[0]);
  let title = '';
  terminal.onTitleChange((text) => {
    title = text;
  });
  const modes = createModes();
  let total = 0;
  let tail: Buffer = Buffer.alloc(0);

  function screens(): string {
    const options = { scrollback, excludeModes: true };
    const normal = serializer.serialize({ ...options, excludeAltBuffer: true });
    const both = serializer.serialize(options);
    // The addon takes it that the alternate screen begins without colours, and it does not.
    return both === normal ? normal : `${normal}\x1b[m${both.slice(normal.length)}`;
  }

  /** Margins, tab stops and origin mode: setting them moves the cursor, so that it has to be set again. */
  function layout(): string {
    const { buffer = {} } = (terminal as unknown as Internals)._core ?? {};
    const { scrollTop = 0, scrollBottom = terminal.rows - 1, tabs } = buffer;
    let out = '';
    if (tabs !== undefined && !isDefault(tabs, terminal.cols)) {
      out += '\x1b[3g';
      for (let x = 0; x < terminal.cols; x++) if (tabs[x]) out += `\x1b[${x + 1}G\x1bH`;
    }
    const margins = scrollTop > 0 || scrollBottom < terminal.rows - 1;
    if (margins) out += `\x1b[${scrollTop + 1};${scrollBottom + 1}r`;
    const origin = terminal.modes.originMode;
    if (origin) out += '\x1b[?6h';
    if (out === '') return '';
    const { cursorX, cursorY } = terminal.buffer.active;
    const cursor: Cursor = { y: cursorY - (origin ? scrollTop : 0), x: Math.min(cursorX, terminal.cols - 1) };
    return `${out}\x1b[${cursor.y + 1};${cursor.x + 1}H`;
  }

  async function resize(rows: number, cols: number): Promise<void> {
    const size = clamp(rows, cols);
    if (size.rows !== terminal.rows || size.cols !== terminal.cols) terminal.resize(size.cols, size.rows);
  }

  return {
    resize,
    async write(bytes) {
      total += bytes.length;
      if (total > maxBytes) throw violation('length', `a replay of more than ${maxBytes} bytes`);
      modes.feed(bytes);
      tail = Buffer.concat([tail, bytes.subarray(-4)]).subarray(-4);
      await new Promise<void>((resolve) => terminal.write(bytes, resolve));
    },
    async finish(rows, cols) {
      if (total === 0) {
        terminal.dispose();
        return Buffer.alloc(0);
      }
      await resize(rows, cols);
      const clear = `\x1b[m\r${'\n'.repeat(terminal.rows)}\x1b[H\x1b[J`;
      const named = title === '' ? '' : `\x1b]2;${title.replace(/\p{Cc}/gu, '')}\x07`;
      const text = clear + screens() + layout() + modes.redo() + named;
      terminal.dispose();
      // A sequence that the recording cuts off continues in the live output.
      const rest = modes.pending.length > 0 ? modes.pending : endOfText(tail);
      return Buffer.concat([Buffer.from(text), rest]);
    },
  };
}

function clamp(rows: number, cols: number): { rows: number; cols: number } {
  return { rows: Math.min(mostRows, Math.max(1, rows)), cols: Math.min(mostCols, Math.max(2, cols)) };
}

function isDefault(tabs: Record<number, boolean>, cols: number): boolean {
  for (let x = 0; x < cols; x++) if ((tabs[x] === true) !== (x % 8 === 0)) return false;
  return true;
}
