package probe

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"mvm/guest/internal/inotify"

	"golang.org/x/sys/unix"
)

const (
	// firstPause and lastPause are between attempts if nothing announces a change; each is twice the one
	// before.
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
	// attempt bounds one attempt, so that a command that hangs is tried again; shortest is what it has when
	// patience is nearly over.
	attempt  = 10 * time.Second
	shortest = time.Second
)

// Until repeats the attempt until it succeeds or ctx ends. After `patience` without success, late is called
// once with what is missing, and the attempts go on. Returns whether it succeeded.
func Until(ctx context.Context, p Prober, patience time.Duration, late func(error)) bool {
	deadline := time.Now().Add(patience)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		bound := attempt
		if late != nil {
			bound = min(bound, max(time.Until(deadline), shortest))
		}
		one, cancel := context.WithTimeout(ctx, bound)
		err := p(one)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err == nil
		}
		if late != nil && !time.Now().Before(deadline) {
			late(err)
			late = nil
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return false
		case <-t.C:
		}
	}
}

// UntilFile waits for a file until the kernel announces it; otherwise it is like Until.
func UntilFile(ctx context.Context, path string, events *inotify.Watcher, patience time.Duration, late func(error)) bool {
	t := time.NewTimer(patience)
	defer t.Stop()
	for {
		watch, err := watchAbove(path, events)
		if err != nil {
			return Until(ctx, File(path), patience, late)
		}
		err = File(path)(ctx)
		if err == nil {
			watch.Close()
			return true
		}
		select {
		case <-ctx.Done():
			watch.Close()
			return false
		case <-watch.C:
		case <-t.C:
			late(err)
		}
		watch.Close()
	}
}

// watchAbove watches the nearest folder above path that exists.
func watchAbove(path string, events *inotify.Watcher) (*inotify.Watch, error) {
	for dir := filepath.Dir(filepath.Clean(path)); ; dir = filepath.Dir(dir) {
		watch, err := events.Add(dir, unix.IN_CREATE|unix.IN_MOVED_TO|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF)
		if err == nil {
			// A folder below may have appeared before the watch.
			if below := belowOf(dir, path); below != path {
				if _, err := os.Stat(below); err == nil {
					watch.Close()
					return watchAbove(path, events)
				}
			}
			return watch, nil
		}
		if dir == "/" || dir == "." {
			return nil, err
		}
	}
}

// belowOf is the entry of dir that leads to path.
func belowOf(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	for filepath.Dir(rel) != "." {
		rel = filepath.Dir(rel)
	}
	return filepath.Join(dir, rel)
}
