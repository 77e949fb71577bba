lib: {
  cleanSource = src: lib.cleanSourceWith { inherit src; filter = lib.cleanSourceFilter; };
  cleanSourceFilter = path: type:
    let name = baseNameOf path; in
    !(builtins.elem name [ ".git" ".svn" ".hg" "CVS" ] || lib.hasSuffix "~" name || (type == "symlink" && lib.hasPrefix "result" name));
  cleanSourceWith = { src, filter ? _: _: true, name ? "source" }: builtins.path { inherit filter name; path = src.origSrc or src; };
  sourceByRegex = src: patterns: lib.cleanSourceWith {
    inherit src;
    filter = path: _: lib.any (pattern: builtins.match pattern (lib.removePrefix "${toString src}/" (toString path)) != null) patterns;
  };
  sourceFilesBySuffices = src: suffixes: lib.cleanSourceWith {
    inherit src;
    filter = path: type: type == "directory" || lib.any (suffix: lib.hasSuffix suffix path) suffixes;
  };
  fileset = throw "nixpkgs.lib.fileset: the stand-in made of Debian packages lacks it. Use lib.cleanSourceWith or builtins.path, or the real nixpkgs.";
  pathIsDirectory = path: builtins.pathExists path && builtins.readFileType path == "directory";
  pathType = builtins.readFileType;
}
