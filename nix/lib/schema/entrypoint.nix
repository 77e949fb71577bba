# entrypoint: exactly one of the forms `shell`, `command` and `services`.
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    filter
    hasAttr
    isAttrs
    isList
    isString
    length
    ;
  inherit (import ./show.nix) describe;
  types = import ./types.nix;
  record = import ./record.nix;
  command = (import ./command.nix).argv;
  service = import ./service.nix;
  serviceNames = types.listOf "a list of names of services" types.text;

  table = {
    shell = {
      type = {
        form = "the absolute path of a shell";
        problems =
          where: value:
          let
            like = example: [
              {
                text = "`${where}` must be the absolute path of a shell; it is ${describe value}.";
                inherit example;
              }
            ];
          in
          if isList value && value != [ ] && isString (builtins.head value) then
            like "shell = \"${builtins.head value}\";"
          else if isString value && types.absolutePath.problems where value != [ ] then
            like "shell = \"/bin/${value}\";"
          else
            types.absolutePath.problems where value;
      };
      default = null;
      example = "\"/bin/bash\"";
      doc = "An interactive shell, started as a login shell. The image is accessible.";
    };
    command = {
      type = command;
      default = null;
      aliases = [
        "cmd"
        "program"
        "exec"
        "args"
        "argv"
      ];
      example = "[ \"/usr/bin/serve\" \"--port\" \"8080\" ]";
      doc = "A program with its arguments. The image is sealed.";
    };
    services = {
      type = types.either "true (all services), a list of names of services, or services themselves" [
        {
          test = v: v == true;
          type = types.bool;
        }
        {
          test = v: isList v && v != [ ];
          type = serviceNames;
        }
        {
          test = v: isAttrs v && v != { };
          type = service.all;
        }
      ];
      default = null;
      example = "[ \"web\" ]";
      doc = "No foreground program: the VM lives as long as these services. The image is sealed.";
    };
    user = {
      type = types.text;
      default = null;
      example = "\"app\"";
      doc = "The user that runs it: `root` or a name in `users` or `uids`. null: `root` for the shell of an accessible image, else `app`.";
    };
    workingDirectory = {
      type = types.absolutePath;
      default = null;
      aliases = [
        "cwd"
        "workdir"
        "directory"
      ];
      example = "\"/var/lib/app\"";
      doc = "Its working directory. null: the user's home.";
    };
    stopSignal = {
      inherit (service.table.stopSignal) type example;
      default = "TERM";
      doc = "The signal that asks a `command` to stop.";
    };
    stopTimeout = {
      inherit (service.table.stopTimeout) type example;
      default = 10;
      doc = "Seconds between that signal and KILL.";
    };
  };
  # What a services entrypoint can't have: it has no program of its own.
  ofServices = [
    "user"
    "workingDirectory"
    "stopSignal"
    "stopTimeout"
  ];

  forms = [
    "shell"
    "command"
    "services"
  ];
  formsOf = value: filter (form: hasAttr form value) forms;
  form = "an attribute set with one of `shell`, `command` and `services`";
  one = concatStringsSep " or " (map (f: "entrypoint.${f} = ${table.${f}.example};") forms);
in
{
  inherit table formsOf form;
  problems =
    where: value:
    let
      found = record.problems {
        inherit table form;
        noun = "field";
      } where value;
      given = formsOf value;
      names = concatStringsSep " and " (map (f: "`${where}.${f}`") given);
      stray = if given == [ "services" ] then filter (f: hasAttr f value) ofServices else [ ];
      guessed = filter (f: builtins.elem (record.meant table f) forms) (attrNames value);
    in
    if isString value || isList value then
      [
        {
          text = "`${where}` must be ${form}; it is ${describe value}.";
          example = one;
        }
      ]
    else if !isAttrs value then
      found
    else
      (
        if length given > 1 then
          [
            {
              text = "${names} are both given; an image has exactly one entrypoint.";
              example = one;
            }
          ]
        else if given == [ ] && guessed == [ ] then
          [
            {
              text = "`${where}` has none of the forms `shell`, `command` and `services`.";
              example = one;
            }
          ]
        else
          [ ]
      )
      ++ found
      ++ concatMap (
        field:
        types.placed field value [
          {
            text = "`${where}.${field}` is for a shell or a command; each service has its own `${field}`.";
            example = "services.web.${field} = ${table.${field}.example};";
          }
        ]
      ) stray;
  read = record.read table;
}
