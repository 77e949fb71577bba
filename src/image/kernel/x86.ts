import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { decompressXz } from '../../debian/xz.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { type Elf, EM_X86_64, elfNotes, PT_LOAD, readElf } from '../format/elf.ts';

/** XEN_ELFNOTE_PHYS32_ENTRY (xen/include/public/elfnote.h): the entry that QEMU and Firecracker boot from. */
const PVH_ENTRY = 18;

/** Offsets in a bzImage: Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header". */
const SETUP_SECTS = 0x1f1;
const MAGIC = 0x202;
const VERSION = 0x206;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;

/**
 * The uncompressed kernel in a bzImage: an ELF file with a PVH entry, without what no loader reads.
 * `name` says in errors which file it was. Throws KERNEL_INVALID.
 */
export async function extractX86Kernel(bzImage: Buffer, name: string): Promise<Buffer> {
  const kernel = await decompressPayload(payloadOf(bzImage, name), name);
  return checkX86Kernel(kernel, name);
}

/** Checks an uncompressed kernel and drops what no loader reads. Throws KERNEL_INVALID. */
export function checkX86Kernel(kernel: Buffer, name: string): Buffer {
  const elf = readElf(kernel);
  if (elf === undefined || elf.machine !== EM_X86_64) throw invalid(name, 'is not an x86-64 ELF kernel');
  const pvh = [...elfNotes(elf)].some((note) => note.owner === 'Xen' && note.type === PVH_ENTRY);
  if (!pvh) throw invalid(name, 'has no PVH entry (it needs CONFIG_PVH)');
  if (elf.programs.some((p) => p.offset + p.fileSize > kernel.length)) throw invalid(name, 'is cut short');
  return withoutTail(elf);
}

function payloadOf(bzImage: Buffer, name: string): Buffer {
  if (bzImage.length < PAYLOAD_LENGTH + 4 || bzImage.toString('latin1', MAGIC, MAGIC + 4) !== 'HdrS') {
    throw invalid(name, 'is not a bzImage');
  }
  const version = bzImage.readUInt16LE(VERSION);
  if (version < 0x208)
    throw invalid(name, `has boot protocol ${version.toString(16)}, which is older than 2.08`);
  // A zero means four sectors; the header itself is one more.
  const start = ((bzImage[SETUP_SECTS] || 4) + 1) * 512 + bzImage.readUInt32LE(PAYLOAD_OFFSET);
  const end = start + bzImage.readUInt32LE(PAYLOAD_LENGTH);
  if (end > bzImage.length) throw invalid(name, 'is cut short');
  return bzImage.subarray(start, end);
}

async function decompressPayload(payload: Buffer, name: string): Promise<Buffer> {
  // The kernel's build appends the uncompressed size to all formats but gzip, which ends in one itself.
  const body = payload.subarray(0, payload.length - 4);
  const magic = payload.toString('hex', 0, 6);
  try {
    if (magic.startsWith('28b52ffd')) return await promisify(zlib.zstdDecompress)(body);
    if (magic.startsWith('1f8b')) return await promisify(zlib.gunzip)(payload);
    if (magic === 'fd377a585a00') return await decompressXz(body, name);
  } catch (cause) {
    throw invalid(name, 'is damaged: its payload does not decompress', cause);
  }
  if (magic.startsWith('7f454c46')) return payload;
  throw invalid(name, `is compressed in a way mvm can't read (first bytes ${magic})`);
}

/**
 * Cuts the file behind the last byte that a program header loads (section headers, relocations) and the
 * zeros before it (.bss, which Linux writes out): loaders fill up to the memory size with zeros. Offsets
 * stay as they are.
 */
function withoutTail(elf: Elf): Buffer {
  const out = Buffer.from(elf.bytes);
  const last = elf.programs.reduce((a, b) => (b.offset + b.fileSize > a.offset + a.fileSize ? b : a));
  let end = last.offset + last.fileSize;
  if (last.type === PT_LOAD) {
    while (end > last.offset && out[end - 1] === 0) end--;
    out.writeBigUInt64LE(BigInt(end - last.offset), last.headerAt + 32);
  }
  // e_shoff, e_shnum and e_shstrndx: there is no section table any more.
  out.writeBigUInt64LE(0n, 40);
  out.writeUInt16LE(0, 60);
  out.writeUInt16LE(0, 62);
  return out.subarray(0, end);
}

function invalid(name: string, what: string, cause?: unknown): MvmError {
  return new MvmError('KERNEL_INVALID', `The kernel ${name} ${what}.`, { cause });
}
