package mux

// window bounds what the other side may have sent of a stream and nobody has taken.
type window struct {
	open  int // may still be sent
	held  int // open, and what was sent and is not taken yet
	extra int // of the session's budget
}

// taken notes that n bytes were taken, and returns how many more the other side may send now: 0 while half of the window
// is open. The window grows to target as far as the budget goes: only streams that are read have a large one.
func (w *window) taken(n, target int, spare *int) int {
	w.held -= n
	w.giveBack(spare)
	if 2*w.held > target {
		return 0
	}
	more := min(target, FirstWindow+w.extra+*spare) - w.held
	if more <= 0 {
		return 0
	}
	w.held += more
	w.open += more
	need := max(w.held-FirstWindow, 0) - w.extra
	w.extra += need
	*spare -= need
	return more
}

func (w *window) giveBack(spare *int) {
	if beyond := max(w.held-FirstWindow, 0); w.extra > beyond {
		*spare += w.extra - beyond
		w.extra = beyond
	}
}

func (w *window) release(spare *int) {
	*spare += w.extra
	w.extra = 0
}
