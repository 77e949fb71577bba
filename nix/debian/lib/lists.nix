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
  crossLists = f: builtins.foldl' (fs: args: builtins.concatMap (g: map g args) fs) [ f ];
  compareLists = compare: a: b:
    if a == [ ] then (if b == [ ] then 0 else -1) else if b == [ ] then 1
    else let order = compare (builtins.head a) (builtins.head b); in if order == 0 then lib.compareLists compare (builtins.tail a) (builtins.tail b) else order;
}
