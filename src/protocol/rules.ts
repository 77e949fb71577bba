import { type Frame, frameTypes, isOfStream, maxData, maxPayload, streams } from './frame.ts';
import { violation } from './violation.ts';

interface Rule {
  maxStream: number;
  least: number;
  most: number;
}

const object: Rule = { maxStream: 0, least: 2, most: maxPayload };
const empty: Rule = { maxStream: 0, least: 0, most: 0 };
const fourBytes: Rule = { maxStream: 0, least: 4, most: 4 };

const rules = new Map<number, Rule>([
  [frameTypes.hello, object],
  [frameTypes.open, object],
  [frameTypes.data, { maxStream: streams.replay, least: 1, most: maxPayload }],
  [frameTypes.eof, { maxStream: streams.stderr, least: 0, most: 0 }],
  [frameTypes.resize, fourBytes],
  [frameTypes.signal, object],
  [frameTypes.close, empty],
  [frameTypes.ping, empty],
  [frameTypes.streamOpen, ofStream(2, 4096)],
  [frameTypes.streamData, ofStream(1, maxData)],
  [frameTypes.streamEnd, ofStream(0, 0)],
  [frameTypes.streamReset, ofStream(1, 32)],
  [frameTypes.streamWindow, ofStream(4, 4)],
  [frameTypes.welcome, object],
  [frameTypes.started, object],
  [frameTypes.credit, fourBytes],
  [frameTypes.live, empty],
  [frameTypes.event, object],
  [frameTypes.exit, object],
  [frameTypes.error, object],
  [frameTypes.result, object],
  [frameTypes.pong, empty],
  [frameTypes.notice, object],
]);

/** Frames with so many bytes behind the stream's number. */
function ofStream(least: number, most: number): Rule {
  return { maxStream: 0, least: 4 + least, most: 4 + most };
}

/** Refuses a header as early as its eight bytes allow. Returns the payload's length. */
export function checkHeader(header: Buffer): number {
  const type = header.readUInt8(0);
  const name = `a frame of type 0x${type.toString(16).padStart(2, '0')}`;
  const rule = rules.get(type);
  if (rule === undefined) throw violation('type', `${name} is unknown`);
  if (header.readUInt16BE(2) !== 0) throw violation('reserved', `${name} has its reserved field set`);
  const stream = header.readUInt8(1);
  if (stream > rule.maxStream) throw violation('stream', `${name} has no stream ${stream}`);
  const length = header.readUInt32BE(4);
  if (length < rule.least || length > rule.most)
    throw violation('length', `${name} has a payload of ${length} bytes`);
  return length;
}

/** Refuses a payload whose fixed format is broken. JSON is checked where it is read. */
export function checkPayload(frame: Frame): void {
  if (isOfStream(frame.type) && frame.payload.readUInt32BE(0) === 0)
    throw violation('stream', `a frame of type 0x${frame.type.toString(16)} of stream 0`);
  if (frame.type !== frameTypes.resize) return;
  if (frame.payload.readUInt16BE(0) === 0 || frame.payload.readUInt16BE(2) === 0)
    throw violation('payload', 'a terminal without rows or columns');
}
