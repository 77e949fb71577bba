# Systems and platforms. There are packages for two systems.
lib:
let
  all = [ "x86_64-linux" "aarch64-linux" ];
  elaborate =
    given:
    let
      system = if builtins.isString given then given else given.system or given.config;
      cpu = builtins.head (lib.splitString "-" system);
      kernel = lib.last (lib.splitString "-" system);
      x86 = cpu == "x86_64";
      aarch = cpu == "aarch64";
      self = {
        inherit system;
        config = "${cpu}-unknown-${kernel}-gnu";
        isLinux = kernel == "linux";
        isDarwin = kernel == "darwin";
        isMacOS = self.isDarwin;
        isBSD = false;
        isFreeBSD = false;
        isWindows = false;
        isCygwin = false;
        isWasm = false;
        isUnix = true;
        isx86 = x86;
        isx86_64 = x86;
        isx86_32 = false;
        isi686 = false;
        isAarch = aarch;
        isAarch64 = aarch;
        isAarch32 = false;
        isAarch64Linux = aarch && self.isLinux;
        isArmv7 = false;
        isRiscV = false;
        isRiscV64 = false;
        isPower = false;
        isPower64 = false;
        isS390x = false;
        isMips = false;
        isLoongArch64 = false;
        is64bit = true;
        is32bit = false;
        isLittleEndian = true;
        isBigEndian = false;
        isMusl = false;
        isGnu = self.isLinux;
        isGlibc = self.isLinux;
        isAndroid = false;
        isiOS = false;
        isStatic = false;
        isElf = self.isLinux;
        libc = "glibc";
        useLLVM = false;
        hasSharedLibraries = true;
        canExecute = other: other.system == system;
        emulatorAvailable = _: false;
        equals = other: other.system == system;
        parsed = {
          cpu = { name = cpu; bits = 64; family = if x86 then "x86" else "arm"; };
          kernel.name = kernel;
          vendor.name = "unknown";
          abi.name = "gnu";
        };
        uname = { system = if self.isDarwin then "Darwin" else "Linux"; processor = cpu; };
        linuxArch = if aarch then "arm64" else "x86_64";
        darwinArch = if aarch then "arm64" else "x86_64";
        qemuArch = cpu;
        go = { GOOS = kernel; GOARCH = if aarch then "arm64" else "amd64"; };
        rust = rec { rustcTarget = "${cpu}-unknown-linux-gnu"; rustcTargetSpec = rustcTarget; cargoShortTarget = rustcTarget; };
        node = { platform = kernel; arch = if aarch then "arm64" else "x64"; };
        extensions = { sharedLibrary = ".so"; staticLibrary = ".a"; library = ".so"; executable = ""; };
        gcc = { };
      };
    in
    self // (if builtins.isAttrs given then builtins.removeAttrs given [ "config" ] else { });
in
{
  platforms = {
    inherit all;
    linux = all;
    unix = all;
    gnu = all;
    x86 = [ "x86_64-linux" ];
    x86_64 = [ "x86_64-linux" ];
    aarch64 = [ "aarch64-linux" ];
    darwin = [ ];
    windows = [ ];
    freebsd = [ ];
    none = [ ];
  };
  systems = {
    flakeExposed = all;
    supported = { hydra = all; tier1 = all; };
    doubles = lib.platforms;
    inherit elaborate;
    equals = a: b: a.system == b.system;
    parse.mkSystemFromString = system: (elaborate system).parsed;
    examples = throw "nixpkgs.lib.systems.examples: the stand-in made of Debian packages does not compile for other systems. Take the packages of that system: import nixpkgs { system = \"aarch64-linux\"; }.";
  };
}
