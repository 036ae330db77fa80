package trace

// Seq is how many requests the ring has been given.
func (r *Ring) Seq() uint64 { return r.next.Load() }

// Since returns the traces of requests after the one of the number seq, the oldest first, as far as they are
// kept.
func (r *Ring) Since(seq uint64) []*Trace {
	next := r.next.Load()
	n := uint64(len(r.slots))
	first := seq
	if next > n {
		first = max(seq, next-n)
	}
	var traces []*Trace
	for i := first; i < next; i++ {
		if s := r.slots[i%n].source.Load(); s != nil {
			traces = append(traces, (*s).Trace())
		}
	}
	return traces
}
