package accessemu

// table is a map that forgets its oldest entries. Its zero value holds nothing
// until most is set.
type table[K comparable, V any] struct {
	most      int
	mostBytes int         // 0: not bounded
	weigh     func(V) int // bytes of an entry, the same for as long as it is kept; nil with mostBytes 0
	evicted   func(V)     // called for what makes room; may be nil

	entries map[K]V
	bytes   int
	order   []K // oldest first; may name entries that are gone
	head    int
}

func (t *table[K, V]) get(k K) (V, bool) {
	v, ok := t.entries[k]
	return v, ok
}

func (t *table[K, V]) put(k K, v V) {
	if t.entries == nil {
		t.entries = map[K]V{}
	}
	weight := t.weightOf(v)
	if old, ok := t.entries[k]; ok {
		t.bytes -= t.weightOf(old)
	} else {
		for len(t.entries) >= t.most || t.mostBytes > 0 && t.bytes+weight > t.mostBytes && len(t.entries) > 0 {
			if old, ok := t.dropOldest(); ok && t.evicted != nil {
				t.evicted(old)
			}
		}
		if t.head > t.most {
			t.order = append([]K(nil), t.order[t.head:]...)
			t.head = 0
		}
		t.order = append(t.order, k)
	}
	t.bytes += weight
	t.entries[k] = v
}

func (t *table[K, V]) weightOf(v V) int {
	if t.weigh == nil {
		return 0
	}
	return t.weigh(v)
}

// dropOldest takes the oldest name off, and its entry if there still is one.
func (t *table[K, V]) dropOldest() (V, bool) {
	k := t.order[t.head]
	t.head++
	v, ok := t.entries[k]
	if ok {
		t.drop(k)
	}
	return v, ok
}

func (t *table[K, V]) drop(k K) {
	if v, ok := t.entries[k]; ok {
		t.bytes -= t.weightOf(v)
		delete(t.entries, k)
	}
}

// sweep drops the oldest entries for as long as they are over.
func (t *table[K, V]) sweep(over func(V) bool) {
	for t.head < len(t.order) {
		if v, ok := t.entries[t.order[t.head]]; ok && !over(v) {
			return
		}
		t.dropOldest()
	}
}
