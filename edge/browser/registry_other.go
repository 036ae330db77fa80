//go:build !windows

package browser

// appPath is for Windows alone.
func appPath(string) string { return "" }
