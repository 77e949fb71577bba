/** A control sequence in a terminal's output: what follows ESC, as Latin-1, cut at 256 characters. */
export type OnSequence = (kind: 'esc' | 'csi' | 'osc', text: string) => void;

export interface EscapeScanner {
  feed(bytes: Buffer): void;
  /** The bytes of a sequence that has begun and not ended; empty where it is longer than 4 KiB. */
  readonly pending: Buffer;
  /** Whether a sequence has begun and not ended. */
  readonly open: boolean;
}

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const maxText = 256;
const maxPending = 4096;

type State = 'ground' | 'escape' | 'intermediate' | 'csi' | 'osc' | 'string' | 'string-escape' | 'osc-escape';

/**
 * Finds control sequences in a terminal's output, in whatever pieces it comes (ECMA-48 and xterm's
 * ctlseqs; 7-bit forms only, as the output is UTF-8). Text between them costs one search for ESC.
 */
export function createEscapeScanner(on: OnSequence): EscapeScanner {
  let state: State = 'ground';
  let text = '';
  let pending: Buffer = Buffer.alloc(0);

  function begin(): void {
    state = 'escape';
    text = '';
  }

  function end(kind: 'esc' | 'csi' | 'osc'): void {
    state = 'ground';
    on(kind, text);
  }

  function step(byte: number): void {
    if (byte === CAN || byte === SUB) {
      state = 'ground';
      return;
    }
    switch (state) {
      case 'osc':
        if (byte === BEL) end('osc');
        else if (byte === ESC) state = 'osc-escape';
        else add(byte);
        return;
      case 'string':
        if (byte === ESC) state = 'string-escape';
        return;
      case 'osc-escape':
      case 'string-escape': {
        // ESC ends a string, whatever follows; with a backslash it is its regular end.
        const kind = state;
        if (kind === 'osc-escape') on('osc', text);
        begin();
        if (byte === 0x5c) state = 'ground';
        else step(byte);
        return;
      }
    }
    if (byte === ESC) begin();
    else if (state === 'csi') {
      if (byte >= 0x20) add(byte);
      if (byte >= 0x40) end('csi');
    } else if (state === 'intermediate') {
      add(byte);
      if (byte >= 0x30) end('esc');
    } else if (byte === 0x5b) state = 'csi';
    else if (byte === 0x5d) state = 'osc';
    else if (byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f) state = 'string';
    else if (byte >= 0x20) {
      add(byte);
      if (byte < 0x30) state = 'intermediate';
      else end('esc');
    }
  }

  function add(byte: number): void {
    if (text.length < maxText) text += String.fromCharCode(byte);
  }

  return {
    feed(bytes) {
      let begun = state === 'ground' ? -1 : 0;
      let i = 0;
      while (i < bytes.length) {
        if (state === 'ground') {
          i = bytes.indexOf(ESC, i);
          if (i < 0) break;
          begun = i;
          pending = Buffer.alloc(0);
        }
        const byte = bytes[i++] ?? 0;
        if (byte === ESC && state !== 'osc' && state !== 'string') {
          begun = i - 1;
          pending = Buffer.alloc(0);
        }
        step(byte);
      }
      if (state === 'ground') pending = Buffer.alloc(0);
      else if (pending.length + bytes.length - begun <= maxPending)
        pending = Buffer.concat([pending, bytes.subarray(begun)]);
      else pending = Buffer.alloc(0);
    },
    get pending() {
      return pending;
    },
    get open() {
      return state !== 'ground';
    },
  };
}
