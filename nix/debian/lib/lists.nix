lib: {
  inherit (builtins) head tail length elem elemAt filter any all concatLists concatMap genList foldl' sort partition groupBy map;
  foldl = builtins.foldl';
  foldr = f: end: list: let go = i: if i == builtins.length list then end else f (builtins.elemAt list i) (go (i + 1)); in go 0;
  fold = lib.foldr;
  optional = condition: item: if condition then [ item ] else [ ];
  optionals = condition: items: if condition then items else [ ];
  singleton = item: [ item ];
  toList = item: if builtins.isList item then item else [ item ];
  last = list: builtins.elemAt list (builtins.length list - 1);
  init = list: lib.take (builtins.length list - 1) list;
  take = n: lib.sublist 0 n;
  drop = n: list: lib.sublist n (builtins.length list) list;
  sublist = start: count: list:
    let n = builtins.length list; in
    builtins.genList (i: builtins.elemAt list (start + i)) (lib.max 0 (lib.min count (n - start)));
  flatten = item: if builtins.isList item then builtins.concatMap lib.flatten item else [ item ];
  unique = builtins.foldl' (all: item: if builtins.elem item all then all else all ++ [ item ]) [ ];
  uniqueStrings = list: builtins.attrNames (lib.genAttrs list (_: null));
  allUnique = list: lib.unique list == list;
  remove = item: builtins.filter (other: other != item);
  subtractLists = gone: builtins.filter (item: !builtins.elem item gone);
  intersectLists = a: builtins.filter (item: builtins.elem item a);
  reverseList = list: let n = builtins.length list; in builtins.genList (i: builtins.elemAt list (n - 1 - i)) n;
  range = first: last: if first > last then [ ] else builtins.genList (i: first + i) (last - first + 1);
  replicate = n: item: builtins.genList (_: item) n;
  imap0 = f: list: builtins.genList (i: f i (builtins.elemAt list i)) (builtins.length list);
  imap1 = f: lib.imap0 (i: f (i + 1));
  count = test: list: builtins.length (builtins.filter test list);
  findFirst = test: default: list: let found = builtins.filter test list; in if found == [ ] then default else builtins.head found;
  forEach = list: f: map f list;
  zipListsWith = f: a: b: builtins.genList (i: f (builtins.elemAt a i) (builtins.elemAt b i)) (lib.min (builtins.length a) (builtins.length b));
  zipLists = lib.zipListsWith (fst: snd: { inherit fst snd; });
  sortOn = f: builtins.sort (a: b: f a < f b);
  naturalSort = builtins.sort builtins.lessThan;
  ifilter0 = keep: list: builtins.concatMap (item: if keep item.index item.value then [ item.value ] else [ ]) (lib.imap0 (index: value: { inherit index value; }) list);
  concat = a: b: a ++ b;
  isList = builtins.isList;
  findSingle = test: none: many: list: let found = builtins.filter test list; n = builtins.length found; in if n == 0 then none else if n > 1 then many else builtins.head found;
  findFirstIndex = test: default: list: lib.findFirst (i: test (builtins.elemAt list i)) default (lib.range 0 (builtins.length list - 1));
  takeEnd = n: list: lib.drop (lib.max 0 (builtins.length list - n)) list;
  dropEnd = n: list: lib.take (lib.max 0 (builtins.length list - n)) list;
  mutuallyExclusive = a: b: lib.intersectLists a b == [ ];
  commonPrefix = a: b: lib.take (lib.findFirst (i: builtins.elemAt a i != builtins.elemAt b i) (lib.min (builtins.length a) (builtins.length b)) (lib.range 0 (lib.min (builtins.length a) (builtins.length b) - 1))) a;
  groupBy' = f: start: key: list: builtins.mapAttrs (_: builtins.foldl' f start) (builtins.groupBy key list);
  toposort = before: list:
    let
      go = done: left:
        if left == [ ] then { result = done; }
        else
          let free = builtins.filter (a: !lib.any (b: b != a && before b a) left) left; in
          if free == [ ] then { cycle = left; loops = left; } else go (done ++ [ (builtins.head free) ]) (lib.remove (builtins.head free) left);
    in
    go [ ] list;
  crossLists = f: builtins.foldl' (fs: args: builtins.concatMap (g: map g args) fs) [ f ];
  compareLists = compare: a: b:
    if a == [ ] then (if b == [ ] then 0 else -1) else if b == [ ] then 1
    else let order = compare (builtins.head a) (builtins.head b); in if order == 0 then lib.compareLists compare (builtins.tail a) (builtins.tail b) else order;
}
