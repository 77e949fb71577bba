/** The machines that images are made for, by the kernel's own names. */
export type Arch = 'x86_64' | 'aarch64';

/** The same machine as Nix writes it. */
export type System = 'x86_64-linux' | 'aarch64-linux';

export const debianArch: Record<Arch, 'amd64' | 'arm64'> = { x86_64: 'amd64', aarch64: 'arm64' };

export const systemOf = (arch: Arch): System => `${arch}-linux`;

export const archOf = (system: System): Arch => (system === 'x86_64-linux' ? 'x86_64' : 'aarch64');
