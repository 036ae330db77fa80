package bundle

// BuiltinNames are all built-in modules that the table has, without "node:".
func BuiltinNames() (names []string) {
	for n := range builtins {
		names = append(names, n)
	}
	return names
}

// NativeAt is what the table says.
func NativeAt(name, date string) bool {
	return node{date: date, flags: []string{"nodejs_compat"}}.native(builtins[name])
}

// The form of an entry of the cache.
var (
	SealEntry = sealEntry
	OpenEntry = openEntry
)
