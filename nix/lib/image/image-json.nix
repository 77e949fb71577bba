# The part of image.json (src/image/image-json.ts) that is known before the image is built: its lines, without the last brace.
metadata:
let
  inherit (builtins) concatStringsSep toJSON unsafeDiscardStringContext;
  fields = [
    [ "schema" 1 ]
    [ "name" metadata.name ]
    [ "system" metadata.system ]
    [ "entrypointKind" metadata.entrypointKind ]
    [ "accessible" metadata.accessible ]
    # The agent has no console and no exec in it, and the root is verified.
    [ "sealed" metadata.sealed ]
    [ "expectedBootMs" metadata.expectedBootMs ]
    [ "vcpus" metadata.vcpus ]
    [ "memoryMib" metadata.memoryMib ]
    [ "services" metadata.services ]
    [ "ports" metadata.ports ]
    [ "volumes" metadata.volumes ]
    [ "healthChecks" (metadata.healthChecks or { }) ]
  ]
  # Which backend the image would have.
  ++ (if metadata.hypervisor == null then [ ] else [ [ "hypervisor" metadata.hypervisor ] ]);
  line = field: "  ${toJSON (builtins.elemAt field 0)}: ${toJSON (builtins.elemAt field 1)}";
in
# The host reads the paths in it; the image needs none of them in the builder's store.
unsafeDiscardStringContext "{\n${concatStringsSep ",\n" (map line fields)}"
