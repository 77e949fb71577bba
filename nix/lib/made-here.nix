# A derivation that is always built: no binary cache has what the library makes, so that asking one costs time for nothing, and
# seconds where it can't be reached. https://nix.dev/manual/nix/2.26/language/advanced-attributes: allowSubstitutes
args:
derivation (
  {
    preferLocalBuild = true;
    allowSubstitutes = false;
  }
  // args
)
