package main

import (
	"os"
	"path/filepath"
)

// cacheDir keeps what is built of Workers for the next start: the folder that SUNDOG_CACHE names, else one of the
// user's; empty: nowhere, as SUNDOG_CACHE=off wants it.
func cacheDir() string {
	switch dir := os.Getenv("SUNDOG_CACHE"); dir {
	case "off":
		return ""
	case "":
	default:
		if abs, err := filepath.Abs(dir); err == nil {
			return abs
		}
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "sundog", "bundles")
}
