import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { writeError } from '../../../errors/file-error.ts';
import { blockBitmap, groupDescriptors, hasBitmaps, inodeBitmap } from './groups.ts';
import { directoryBlocks, inodeTableStart } from './inodes.ts';
import { BLOCK, type Layout, layoutExt4, MAX_BYTES, MIN_BYTES } from './layout.ts';
import { type Ext4Identity, journalSuperblock, superblock } from './superblock.ts';

export interface Ext4Options {
  /** From 16 MiB to 8 TiB. */
  sizeBytes: number;
  /** At most 16 bytes. */
  label: string;
  /** With dashes or without. */
  uuid: string;
  nowSeconds: number;
}

/**
 * Makes `path` a sparse file of `sizeBytes` with an empty ext4 in it; replaces what was there, all or
 * nothing. The same options give the same bytes. Writes about 0.1 MB plus 4 MB per TiB and backup.
 * Throws STATE_WRITE; a RangeError for options out of range.
 */
export async function formatExt4(path: string, options: Ext4Options): Promise<void> {
  const { sizeBytes, label, nowSeconds } = options;
  if (!(sizeBytes >= MIN_BYTES && sizeBytes <= MAX_BYTES)) throw new RangeError(`disk of ${sizeBytes} bytes`);
  const uuid = Buffer.from(options.uuid.replaceAll('-', ''), 'hex');
  if (uuid.length !== 16) throw new RangeError(`'${options.uuid}' is no UUID`);
  if (Buffer.byteLength(label) > 16) throw new RangeError(`label '${label}' is longer than 16 bytes`);

  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.truncate(sizeBytes);
      await writeFileSystem(file, layoutExt4(sizeBytes), { uuid, label, nowSeconds });
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // The first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => {});
    throw writeError(error, path);
  }
}

async function writeFileSystem(file: FileHandle, layout: Layout, identity: Ext4Identity): Promise<void> {
  const put = async (bytes: Buffer, at: number) => {
    await file.write(bytes, 0, bytes.length, at);
  };
  const descriptors = groupDescriptors(layout, identity.uuid);
  for (const group of layout.groups) {
    const at = group.first * BLOCK;
    if (group.backup) {
      // The first 1024 bytes of the disk are for boot loaders; copies begin with their block.
      await put(superblock(layout, identity, group.index), group.index === 0 ? 1024 : at);
      await put(descriptors, at + BLOCK);
    }
    if (!hasBitmaps(layout, group)) continue;
    await put(blockBitmap(group), group.blockBitmap * BLOCK);
    await put(inodeBitmap(layout, group), group.inodeBitmap * BLOCK);
  }
  await put(inodeTableStart(layout, identity.nowSeconds), (layout.groups[0]?.inodeTable ?? 0) * BLOCK);
  await put(directoryBlocks(), layout.rootBlock * BLOCK);
  await put(journalSuperblock(layout), layout.journalBlock * BLOCK);
}
