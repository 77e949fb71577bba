/**
 * A name as the most forgiving file system compares it: without case (APFS, NTFS, ext4 with casefold), without code points that are
 * not seen (HFS+, ext4), in one Unicode form, without dots and spaces at its end (NTFS). Names of bytes that are no UTF-8 stay as
 * they are.
 *
 * @param name latin1, a character a byte
 */
export function fold(name: string): string {
  const text = isPlain.test(name) ? name.toLowerCase() : unicode(name);
  return text.replace(/[. ]+$/, '') || text;
}

const isPlain = /^[\x20-\x7e]*$/;

function unicode(name: string): string {
  const bytes = Buffer.from(name, 'latin1');
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) return name.toLowerCase();
  return text
    .replace(/\p{Default_Ignorable_Code_Point}|[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu, '')
    .normalize('NFD')
    .toUpperCase()
    .toLowerCase();
}

/** A name without the stream that NTFS finds behind a colon. */
export const withoutStream = (name: string): string => name.replace(/:.*$/s, '');

/** Whether some file system takes this name for `.git`, or for the short name that NTFS gives it: core.protectNTFS, core.protectHFS. */
export function isDotGit(name: string): boolean {
  if (name === '.git') return true;
  const folded = fold(withoutStream(name));
  return folded === '.git' || folded === 'git~1';
}
