package accessemu

// table is a map that forgets its oldest entries. Its zero value holds nothing
// until most is set.
type table[K comparable, V any] struct {
	most    int
	evicted func(V) // called for what makes room; may be nil
	entries map[K]V
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
	if _, ok := t.entries[k]; !ok {
		for len(t.entries) >= t.most {
			oldest := t.order[t.head]
			t.head++
			if old, ok := t.entries[oldest]; ok {
				delete(t.entries, oldest)
				if t.evicted != nil {
					t.evicted(old)
				}
			}
		}
		if t.head > t.most {
			t.order = append([]K(nil), t.order[t.head:]...)
			t.head = 0
		}
		t.order = append(t.order, k)
	}
	t.entries[k] = v
}
