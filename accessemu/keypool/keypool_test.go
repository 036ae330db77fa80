package keypool_test

import (
	"testing"

	"github.com/sundog-edge/sundog/accessemu/keypool"
)

func TestKeyIsMadeOnce(t *testing.T) {
	first, err := keypool.Key(0)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := keypool.Key(0)
	other, _ := keypool.Key(1)
	if first != again || first == other {
		t.Errorf("Key(0) = %p, then %p; Key(1) = %p; want the same key twice and another one", first, again, other)
	}
}
