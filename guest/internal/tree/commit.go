package tree

// makeChangesIfMany gives their names to the entries that are complete, once enough are waiting.
func (w *Writer) makeChangesIfMany() error {
	if len(w.changes) < mostChanges && w.pending < mostBytes {
		return nil
	}
	return w.makeChanges()
}

// makeChanges gives their names to the entries that are complete: all but what is open. The disk has what they consist
// of before, so that a machine that ends now has either the old entry or the whole of the new one.
func (w *Writer) makeChanges() error {
	open := map[*change]bool{}
	for _, f := range w.stack {
		open[f.change] = true
	}
	if w.file != nil {
		open[w.file.change] = true
	}
	var later []*change
	var synced bool
	for at, c := range w.changes {
		if open[c] {
			later = append(later, c)
			continue
		}
		if !synced && !c.synced {
			if err := syncfs(c.in.fd); err != nil {
				return unwritable(c.in.path(c.name), err)
			}
			synced = true
		}
		if err := renameat(c.in.fd, c.temporary, c.name); err != nil {
			w.changes = append(later, w.changes[at:]...)
			return unwritable(c.in.path(c.name), err)
		}
		c.done = true
		c.in.release()
	}
	w.changes, w.pending = later, 0
	return nil
}

// Done implements Handler: the tree is complete.
func (w *Writer) Done() error {
	if w.within {
		w.within = false
		if err := w.leave(); err != nil {
			return err
		}
	}
	return w.makeChanges()
}

// Close ends the copy. What is not complete is removed.
func (w *Writer) Close() {
	if w.file != nil {
		closeFD(w.file.fd)
		w.file = nil
	}
	for at := len(w.changes) - 1; at >= 0; at-- {
		c := w.changes[at]
		removeAll(c.in.fd, c.temporary)
		c.in.release()
	}
	w.changes = nil
	for at := len(w.stack) - 1; at >= 0; at-- {
		w.stack[at].release()
	}
	w.stack = nil
	closeFD(w.place.base.fd)
}
