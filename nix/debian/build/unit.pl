# Turns the files of one or several Debian packages into a store path that runs where it stands.
# Environment: out; bootstrap; debs (package files); deps (store paths, the direct ones first); shell; triplet;
# loader (below usr/); patch (0 for the C library itself); links, wraps, pins, texts, bindirs, removals, hook: from
# the table.
use strict;
use warnings;

my ($out, $bootstrap, $triplet, $shell) = @ENV{qw(out bootstrap triplet shell)};
my @deps = split ' ', $ENV{deps};
$ENV{PATH} = "$bootstrap/bin";

sub run { system(@_) == 0 or die "failed: @_[0..($#_ > 3 ? 3 : $#_)] ($?)\n" }
sub slurp { my ($path) = @_; open my $f, '<:raw', $path or die "$path: $!\n"; local $/; my $t = <$f>; $t }
sub spew { my ($path, $text) = @_; unlink $path; open my $f, '>:raw', $path or die "$path: $!\n"; print $f $text; close $f or die "$path: $!\n" }

# --- unpack ---------------------------------------------------------------------------------------------
# Nothing that runs reads these.
my @useless = map { "usr/share/$_" } qw(doc man info locale lintian bug doc-base menu applications pixmaps);

# The offset and size of data.tar in a package (deb(5): an ar archive with 60-byte headers).
sub data_member {
  my ($deb) = @_;
  open my $f, '<:raw', $deb or die "$deb: $!\n";
  my $at = 8;
  while (seek($f, $at, 0) && read($f, my $header, 60) == 60) {
    my ($name, $size) = (substr($header, 0, 16) =~ /^([^\s\/]+)/, substr($header, 48, 10) + 0);
    return ($name, $at + 60, $size) if $name =~ /^data\.tar/;
    $at += 60 + $size + $size % 2;
  }
  die "$deb has no data archive\n";
}

my $root = "$out/.unpacked";
mkdir $out or die "$out: $!\n";
mkdir $root;
for my $deb (split ' ', $ENV{debs}) {
  my ($name, $offset, $size) = data_member($deb);
  my %reader = ('data.tar' => 'cat', 'data.tar.xz' => 'xz -dc', 'data.tar.gz' => 'busybox gzip -dc');
  my $reader = $reader{$name} or die "$deb is compressed in a way that is not supported: $name\n";
  $reader =~ s/^busybox/$bootstrap\/busybox/;
  my $from = $offset + 1;
  run('sh', '-c', "set -o pipefail; tail -c +$from '$deb' | head -c $size | $reader | tar -xo -C '$root'");
}

run('rm', '-rf', map { "$root/$_" } @useless);

# Moves a tree into another, folder by folder.
sub merge {
  my ($from, $to) = @_;
  return if !-e $from && !-l $from;
  if (-l $from || !-d $from) { -e $to || -l $to or rename $from, $to or die "$to: $!\n"; return }
  if (!-e $to && !-l $to) { rename $from, $to or die "$to: $!\n"; return }
  opendir my $d, $from or die "$from: $!\n";
  my @names = grep { !/^\.\.?$/ } readdir $d;
  closedir $d;
  merge("$from/$_", "$to/$_") for @names;
}
for (["usr/bin", "bin"], ["bin", "bin"], ["usr/sbin", "bin"], ["sbin", "bin"], ["usr/games", "bin"], ["lib", "lib"], ["lib64", "lib64"], ["usr", "."], ["etc", "etc"], ["opt", "opt"]) {
  my ($from, $to) = @$_;
  merge("$root/$from", $to eq '.' ? $out : "$out/$to");
}
run('rm', '-rf', $root);
run('rm', '-rf', "$out/$_") for grep { length } split /\n/, $ENV{removals};

# --- look-up of Debian's paths ---------------------------------------------------------------------------
# Where a path of an installed Debian is, in this unit or in those it needs.
my %found;
sub locate {
  my ($path) = @_;
  return $found{$path} if exists $found{$path};
  my $below = $path;
  $below =~ s{^/(usr/)?}{};
  $below =~ s{^(sbin|games)/}{bin/};
  for my $prefix ($out, @deps) {
    return $found{$path} = "$prefix/$below" if -e "$prefix/$below" || -l "$prefix/$below";
  }
  return $found{$path} = undef;
}
sub interpreter {
  my ($path) = @_;
  my ($name) = $path =~ m{([^/]+)$} or return undef;
  for my $prefix ($out, @deps, length $shell ? $shell : ()) { return "$prefix/bin/$name" if -e "$prefix/bin/$name" || -l "$prefix/bin/$name" }
  return undef;
}

# --- walk ------------------------------------------------------------------------------------------------
my (@symlinks, @files, %library, %seen);
sub walk {
  my ($dir) = @_;
  opendir my $d, $dir or die "$dir: $!\n";
  my @names = sort grep { !/^\.\.?$/ } readdir $d;
  closedir $d;
  for my $name (@names) {
    my $path = "$dir/$name";
    $library{$name} //= $dir if $name =~ /\.so(\.|$)/;
    if (-l $path) { push @symlinks, $path; next }
    my ($device, $inode, $mode) = lstat $path;
    if (-d _) { chmod 0755, $path if ($mode & 0700) != 0700; walk($path); next }
    next if $seen{"$device:$inode"}++;
    chmod $mode | 0200, $path if !($mode & 0200);
    push @files, $path;
  }
}
walk($out);

# Links of the table, which Debian's install scripts make.
for (split /\n/, $ENV{links}) {
  my ($name, $target) = split /\t/;
  next if -l "$out/bin/$name" || -e "$out/bin/$name" || !-e "$out/bin/$target";
  symlink $target, "$out/bin/$name" or die "$name: $!\n";
}

for my $path (@symlinks) {
  my $target = readlink $path;
  (my $dir = $path) =~ s{/[^/]+$}{};
  next if $target !~ m{^/} && -e "$dir/$target";
  my $absolute = $target;
  if ($target !~ m{^/}) {
    $absolute = substr($dir, length $out) . "/$target";
    $absolute =~ s{^/(?!etc|opt)}{/usr/};
    1 while $absolute =~ s{/\./}{/} || $absolute =~ s{/(?!\.\./)[^/]+/\.\.(?=/|$)}{};
  }
  my $real = locate($absolute);
  unlink $path;
  symlink $real, $path if defined $real && $real ne $path;
}

# --- compiled-in folders ---------------------------------------------------------------------------------
# A store path is too long to take the place of /usr/share/… in a binary. A descriptor's name is not: the
# program's wrapper opens the folder under a fixed number, and slashes fill what is left.
my (@pins, $descriptor);
$descriptor = 219;
for (split /\n/, $ENV{pins}) {
  my ($path, $to) = map { s/\@triplet\@/$triplet/gr } split /\t/;
  my $name = "/proc/self/fd/$descriptor";
  die "$path is too short to be replaced by $name\n" if length $path < length $name;
  push @pins, { path => $path, to => $to =~ m{^/} ? $to : "$out/$to", descriptor => $descriptor++, name => $name . '/' x (length($path) - length $name) };
}
sub pin {
  my ($path, $text) = @_;
  my $count = 0;
  $count += $text =~ s{\Q$_->{path}\E}{$_->{name}}g for @pins;
  return if !$count;
  open my $f, '+<:raw', $path or die "$path: $!\n";
  print $f $text;
  close $f or die "$path: $!\n";
}

# --- files -----------------------------------------------------------------------------------------------
my %patches;

# What patchelf needs to know: interpreter asked for, libraries needed, search path. Undef where not dynamic.
sub read_elf {
  my ($text) = @_;
  my $class = ord substr $text, 4, 1;
  return undef if $class != 2 || ord(substr $text, 5, 1) != 1;
  my ($type) = unpack 'x16 v', $text;
  return undef if $type != 2 && $type != 3;
  my ($offset) = unpack 'x32 Q<', $text;
  my ($size, $count) = unpack 'x54 v v', $text;
  my (@loads, @dynamic, $interpreter);
  for my $i (0 .. $count - 1) {
    my ($kind, undef, $at, $address, undef, $length) = unpack 'V V Q< Q< Q< Q<', substr $text, $offset + $i * $size, 56;
    push @loads, [$address, $at, $length] if $kind == 1;
    @dynamic = unpack '(q< Q<)*', substr $text, $at, $length if $kind == 2;
    $interpreter = unpack 'Z*', substr $text, $at, $length if $kind == 3;
  }
  my ($strings, @needed, @search);
  for (my $i = 0; $i + 1 < @dynamic && $dynamic[$i] != 0; $i += 2) {
    $strings = $dynamic[$i + 1] if $dynamic[$i] == 5;
    push @needed, $dynamic[$i + 1] if $dynamic[$i] == 1;
    push @search, $dynamic[$i + 1] if $dynamic[$i] == 15 || $dynamic[$i] == 29;
  }
  return undef if !defined $strings;
  my ($load) = grep { $strings >= $_->[0] && $strings < $_->[0] + $_->[2] } @loads;
  return undef if !$load;
  my $base = $strings - $load->[0] + $load->[1];
  my $string = sub { unpack 'Z*', substr $text, $base + $_[0], 4096 };
  return { interpreter => $interpreter, needed => [map { $string->($_) } @needed], search => [map { split /:/, $string->($_) } @search] };
}

my %folder;
sub library_folder {
  my ($name, @private) = @_;
  return $folder{$name} if exists $folder{$name};
  return $folder{$name} = $library{$name} if $library{$name};
  for my $prefix (@deps) {
    for my $dir ("lib/$triplet", "lib", @private) { return $folder{$name} = "$prefix/$dir" if -e "$prefix/$dir/$name" }
  }
  # Some are one of several versions, in folders that Debian's alternatives choose from (libblas).
  for my $prefix (@deps) {
    my ($file) = glob "$prefix/lib/$triplet/*/$name" or next;
    return $folder{$name} = $file =~ s{/[^/]+$}{}r;
  }
  return undef;
}

sub plan_elf {
  my ($path, $text) = @_;
  my $elf = read_elf($text) or return;
  return if $path =~ m{/testdata/};
  return if $ENV{patch} eq '0' && $path !~ m{/bin/};
  return if !defined $elf->{interpreter} && !@{ $elf->{needed} };
  my @private = map { m{^/usr/(.+)} ? $1 : () } @{ $elf->{search} };
  my (@path, %have);
  for my $dir ((grep { /\$ORIGIN/ } @{ $elf->{search} }), map { library_folder($_, @private) // () } @{ $elf->{needed} }) { push @path, $dir if !$have{$dir}++ }
  for my $name (@{ $elf->{needed} }) { print "note: $path needs $name, which no package of the closure has\n" if !defined library_folder($name, @private) && $name !~ /^ld-linux/ }
  my $loader = defined $elf->{interpreter} ? locate("/usr/$ENV{loader}") // '' : '';
  push @{ $patches{ join "\t", $loader, join ':', @path } }, $path;
}

my $compiled = qr{\.(pyc|gz|xz|png|jar|zip)$};
sub plan_text {
  my ($path, $text, $script) = @_;
  my $old = $text;
  if ($script && $text =~ m{^#!\s*(\S+)([ \t]+(\S+))?}) {
    my ($program, $length, $argument) = ($1, length $&, $3 // '');
    if ($program =~ m{/env$} && $argument !~ /^-/) {
      my $real = interpreter($argument);
      my $whole = "#!$program" . ($2 // '');
      $text =~ s{^#!\s*\S+[ \t]+\S+}{#!$real} if defined $real;
    } elsif (defined(my $real = interpreter($program))) { $text =~ s{^#!\s*\S+}{#!$real} }
  }
  if ($path =~ m{\.pc$}) { $text =~ s{=/usr(?=/|\s)}{=$out}g }
  else {
    $text =~ s{(?<![\w.\-/\$\}])(/(?:usr/)?(?:s?bin|lib|lib64|share|libexec)/[\w.+/-]*[\w+])}{ locate($1) // $1 }ge;
  }
  spew_same($path, $text) if $text ne $old;
}
sub spew_same { my ($path, $text) = @_; my $mode = (stat $path)[2] & 07777; spew($path, $text); chmod $mode, $path }

my @texts = map { s/\@triplet\@/$triplet/gr } split /\n/, $ENV{texts};
for my $path (@files) {
  open my $f, '<:raw', $path or die "$path: $!\n";
  my $read = read $f, my $head, 64;
  close $f;
  next if !$read || $read < 4;
  if (substr($head, 0, 4) eq "\x7fELF") {
    my $text = slurp($path);
    pin($path, $text) if @pins;
    plan_elf($path, $text);
  }
  elsif (substr($head, 0, 2) eq '#!' && -s $path < 4e6) { plan_text($path, slurp($path), 1) }
  elsif (grep { $path eq "$out/$_" } @texts) { plan_text($path, slurp($path), 0) }
  elsif ($path =~ m{\.pc$} || ($path =~ m{\.(so|a)$} && $head =~ m{^/\* GNU ld}) ) { plan_text($path, slurp($path), 0) }
}

# In calls of their own and in this order: patchelf 0.18 breaks programs at fixed addresses (python3, gawk,
# rclone) when it does both at once or sorts their sections.
for my $key (sort keys %patches) {
  my ($loader, $search) = split /\t/, $key, 2;
  my @all = @{ $patches{$key} };
  while (my @some = splice @all, 0, 400) {
    run('patchelf', '--no-sort', '--force-rpath', '--set-rpath', $search, @some) if $search ne '';
    run('patchelf', '--no-sort', '--set-interpreter', $loader, @some) if $loader ne '';
  }
}

# --- programs outside bin, wrappers, what is special ------------------------------------------------------
for my $dir (split /\n/, $ENV{bindirs}) {
  opendir my $d, "$out/$dir" or next;
  mkdir "$out/bin";
  for my $name (sort grep { !/^\./ } readdir $d) {
    next if -e "$out/bin/$name" || -l "$out/bin/$name";
    symlink "../$dir/$name", "$out/bin/$name" or die "$name: $!\n";
  }
}
rmdir "$out/sbin"; # what is left of one where the package has both
symlink 'bin', "$out/sbin" if -d "$out/bin" && !-e "$out/sbin";
for (split /\n/, $ENV{wraps}) {
  my ($name, @settings) = split /\t/;
  my ($dir, $base) = $name =~ m{^(.*)/([^/]+)$} ? ("$out/$1", $2) : ("$out/bin", $name);
  my ($program, $wrapped) = ("$dir/$base", "$dir/.$base-wrapped");
  next if !-e $program;
  rename $program, $wrapped or die "$program: $!\n";
  my $text = "#!$shell/bin/bash\n" . join '', map { "exec $_->{descriptor}<\"$_->{to}\"\n" } @pins;
  for (@settings) {
    my ($key, $value) = split /=/, $_, 2;
    $value =~ s/\@out\@/$out/g;
    $value =~ s/\@triplet\@/$triplet/g;
    $text .= "export $key=\"\${$key-$value}\"\n";
  }
  spew($program, $text . "exec -a \"\$0\" \"$wrapped\" \"\$@\"\n");
  chmod 0755, $program;
}
if (length $ENV{hook}) {
  $ENV{PATH} = "$bootstrap/bin:$out/bin";
  run('sh', '-e', $ENV{hook});
}
