# The candidate that a person most likely meant: the rules of src/errors/nearest.ts.
let
  inherit (builtins)
    elemAt
    filter
    foldl'
    genList
    length
    stringLength
    substring
    ;
  min = a: b: if a < b then a else b;
  char = text: i: substring i 1 text;

  # One row of the table: the distances of a's first i characters from every beginning of b.
  row =
    a: b: previous: before: i:
    foldl' (
      done: j:
      let
        same = char a (i - 1) == char b (j - 1);
        swapped = i > 1 && j > 1 && char a (i - 1) == char b (j - 2) && char a (i - 2) == char b (j - 1);
        edited = min (min (elemAt previous j + 1) (elemAt done (j - 1) + 1)) (
          elemAt previous (j - 1) + (if same then 0 else 1)
        );
      in
      done ++ [ (if swapped then min edited (elemAt before (j - 2) + 1) else edited) ]
    ) [ i ] (genList (n: n + 1) (stringLength b));

  # Optimal string alignment: insertions, deletions, substitutions and neighbouring swaps cost 1.
  distance =
    a: b:
    let
      first = genList (n: n) (stringLength b + 1);
      last = foldl' (state: i: {
        previous = row a b state.previous state.before i;
        before = state.previous;
      }) {
        previous = first;
        before = first;
      } (genList (n: n + 1) (stringLength a));
    in
    elemAt last.previous (stringLength b);

  isPrefix = word: of: stringLength word >= 3 && substring 0 (stringLength word) of == word;
in
{
  inherit distance;

  # word → list of names → a name, or null where none is close (a third of its length).
  nearest =
    word: candidates:
    let
      begun = filter (isPrefix word) candidates;
      rated = map (name: { inherit name; far = distance word name; }) candidates;
      best = foldl' (a: b: if a == null || b.far < a.far then b else a) null rated;
      third = stringLength best.name / 3;
    in
    if length begun > 0 then
      elemAt begun 0
    else if best != null && best.far <= (if third > 1 then third else 1) then
      best.name
    else
      null;
}
