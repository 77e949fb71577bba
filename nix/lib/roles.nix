# The roles in `uids`, as in the original: `entrypoint` is the number that the program runs as, `agent` that of the agent,
# which is PID 1 here and root. Each is a plain name again where `users` declares a user so called.
args:
let
  inherit (builtins)
    attrNames
    filter
    head
    removeAttrs
    ;
  users = args.users or { };
  given = args.uids or { };
  roles = removeAttrs { agent = null; entrypoint = null; } (attrNames users);
  # Of users who have those names or have to be made.
  named = removeAttrs given (attrNames roles);
  number = given.entrypoint or null;
  numberOf = name: if (users.${name}.uid or null) != null then users.${name}.uid else named.${name} or null;
  holders = filter (name: numberOf name == number) (attrNames (users // named));
  # Programs run as `app`, so it has this number unless it was given another.
  name =
    if number == null then
      null
    else if number == 0 then
      "root"
    else if users ? entrypoint then
      "entrypoint"
    else if holders != [ ] then
      head holders
    else if numberOf "app" == null then
      "app"
    else
      "entrypoint";
in
{
  # The user with the role of the entrypoint; null if `uids` does not name it.
  entrypoint = name;
  # Numbers of users by name.
  uids = (if name == null || name == "root" || holders != [ ] then { } else { ${name} = number; }) // named;
}
