import type { Arch } from '../arch.ts';
import type { FileDigest } from '../digest.ts';

/** A Debian package that a part of an image is from. */
export interface PackageSource {
  package: string;
  version: string;
  /** Of the package file. */
  sha256: string;
}

/** kernel.json: what a kernel bundle is and where it is from. */
export interface KernelJson {
  schema: 1;
  arch: Arch;
  /** The kernel's release, as `uname -r` prints it. */
  version: string;
  source: PackageSource;
  /** What this kernel wants on its command line, whatever the image. */
  commandLine: string;
  /** In the order of loading; `verity/NAME` only for a root that is verified. */
  modules: string[];
  files: Record<'kernel' | 'modules.cpio', FileDigest>;
}
